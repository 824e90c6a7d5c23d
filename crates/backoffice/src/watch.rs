//! How long work tells how far it is, and hears that it shall stop.

use crate::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

/// Steps of a piece of work: told as they are done, and the places where it may be stopped.
pub struct Steps<'a> {
    tell: Option<&'a mut dyn FnMut(u64, u64)>,
    cancel: Option<&'a AtomicBool>,
    done: u64,
    total: u64,
}

impl<'a> Steps<'a> {
    /// Calls `tell` with the steps done and in all; stops once `cancel` is set.
    pub fn new(tell: &'a mut dyn FnMut(u64, u64), cancel: &'a AtomicBool) -> Self {
        Self { tell: Some(tell), cancel: Some(cancel), done: 0, total: 0 }
    }

    /// Nobody watches, nobody stops it.
    pub fn unwatched() -> Self {
        Self { tell: None, cancel: None, done: 0, total: 0 }
    }

    /// There are so many more steps than was known.
    pub fn expect(&mut self, more: usize) {
        self.total += more as u64;
    }

    /// One step begins; those before it are done.
    ///
    /// # Errors
    /// [`Error::Stopped`] when it shall stop. What was begun is then undone by the caller's
    /// transaction.
    pub fn step(&mut self) -> Result<(), Error> {
        if self.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return Err(Error::Stopped);
        }
        if let Some(tell) = &mut self.tell {
            tell(self.done, self.total.max(self.done));
        }
        self.done += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_told_step_by_step_and_stops_where_it_was_asked_to() {
        let cancel = AtomicBool::new(false);
        let mut told = Vec::new();
        let mut tell = |done, total| {
            told.push((done, total));
            if done == 1 {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let mut steps = Steps::new(&mut tell, &cancel);
        steps.expect(3);
        assert!(steps.step().is_ok());
        assert!(steps.step().is_ok());
        assert!(matches!(steps.step(), Err(Error::Stopped)));
        assert_eq!(told, [(0, 3), (1, 3)]);
    }
}
