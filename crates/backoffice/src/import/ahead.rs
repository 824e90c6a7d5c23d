//! A file is read on one core while its rows are booked on the other.

use connectors::bill::{Closing, FileProblem, Row, Sink};
use connectors::{Entry, Options};
use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

/// Rows handed over at once.
const BATCH: usize = 256;
/// Batches read ahead at most: memory does not grow with the file.
const AHEAD: usize = 8;
/// Bytes from which a second core is worth its start.
const LARGE: u64 = 64 << 10;

/// Reads the rows of an entry, in their order, as [`connectors::read_entry`] does; `book` is called
/// on this thread.
///
/// # Errors
/// As [`connectors::read_entry`]; [`FileProblem::Stopped`] whenever `book` broke off.
pub(super) fn read(
    entry: &Entry,
    options: &Options,
    book: Sink<'_>,
) -> Result<Closing, FileProblem> {
    if entry.unpacked_bytes.is_some_and(|bytes| bytes < LARGE) {
        return connectors::read_entry(entry, options, book);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Row>>(AHEAD);
        let reading = scope.spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            let read = connectors::read_entry(entry, options, &mut |row| {
                batch.push(row);
                if batch.len() < BATCH {
                    return ControlFlow::Continue(());
                }
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                // Nobody listens any more once the booking broke off.
                match sender.send(full) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            });
            let _ = sender.send(batch);
            read
        });
        let whole = receiver.into_iter().flatten().try_for_each(book).is_continue();
        match reading.join() {
            // The file may have been read to its end before the booking broke off.
            Ok(_) if !whole => Err(FileProblem::Stopped),
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
