//! Whether what goes over the line is paid for by the byte.

/// True when the system says that its line is metered, or thinks so; false when it says that it is
/// not; `None` where nobody can be asked: another system, or no NetworkManager. Blocking, some
/// milliseconds.
#[cfg(target_os = "linux")]
pub fn line_is_metered() -> Option<bool> {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;
    // A bus that does not answer must not keep anybody waiting; the thread ends with its answer.
    let (sender, answer) = sync_channel(1);
    std::thread::Builder::new()
        .name("metered".to_owned())
        .spawn(move || {
            // Nobody listens any more once patience has run out.
            let _ = sender.send(ask());
        })
        .ok()?;
    let said = answer.recv_timeout(Duration::from_secs(2)).ok()??;
    of_number(said)
}

/// No system but Linux is asked yet.
#[cfg(not(target_os = "linux"))]
pub fn line_is_metered() -> Option<bool> {
    None
}

/// NetworkManager's word on the line as a whole.
///
/// Source: `org.freedesktop.NetworkManager`, property `Metered`, type `NMMetered`.
#[cfg(target_os = "linux")]
fn ask() -> Option<u32> {
    const NAME: &str = "org.freedesktop.NetworkManager";
    let bus = zbus::blocking::Connection::system().ok()?;
    let manager =
        zbus::blocking::Proxy::new(&bus, NAME, "/org/freedesktop/NetworkManager", NAME).ok()?;
    manager.get_property("Metered").ok()
}

/// 1 and 3 are yes and probably, 2 and 4 no and probably not, 0 is unknown.
#[cfg(any(target_os = "linux", test))]
fn of_number(said: u32) -> Option<bool> {
    match said {
        1 | 3 => Some(true),
        2 | 4 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_metered_when_the_system_says_or_thinks_so() {
        let said = [0, 1, 2, 3, 4, 9].map(of_number);
        assert_eq!(said, [None, Some(true), Some(false), Some(true), Some(false), None]);
    }
}
