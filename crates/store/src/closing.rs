//! Closing a book that is let go without [`Book::close`](crate::Book::close).
//!
//! Each connection of the pool lives on a thread of its own, which would close the file some time
//! after the pool is gone: after the lock is free for others, and even while the program ends. The
//! cipher's library clears itself away then, under that thread's feet.

use crate::book::{Inner, Place};
use sqlx::AnyPool;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// A connection that is still asked something is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(2);

impl Drop for Inner {
    fn drop(&mut self) {
        // A server ends its side alone.
        if let Place::File(file) = &self.place {
            // Over or not, nothing is lost: the log in the folder is part of the book.
            let _ = file.settling.wait();
            close(self.pool.clone());
        }
    }
}

/// Returns when the connections are closed. On a runtime of one thread this would be the thread
/// that hands them back: there they close beside it.
fn close(pool: AnyPool) {
    let closing = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        if let Ok(runtime) = runtime {
            let _ = runtime.block_on(async { tokio::time::timeout(PATIENCE, pool.close()).await });
        }
    });
    // The thread does not panic, and there is nobody to tell if it did.
    let wait = || drop(closing.join());
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::CurrentThread) => {}
        Ok(_) => tokio::task::block_in_place(wait),
        Err(_) => wait(),
    }
}
