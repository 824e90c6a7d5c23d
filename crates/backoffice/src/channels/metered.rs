//! Whether what goes over the line is paid for by the byte.

use super::SyncRequest;

impl SyncRequest {
    /// Waits while the line is metered, between one step and the next. What is begun on such a line
    /// was asked for all the same, and waits for nothing.
    #[must_use]
    pub fn minding_the_line(self) -> Self {
        let waits: Option<fn() -> bool> = match line_is_metered() {
            Some(true) => None,
            _ => Some(|| line_is_metered() == Some(true)),
        };
        Self { waits, ..self }
    }
}

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
            let _ =
                sender.send(zbus::blocking::Connection::system().ok().and_then(|bus| ask(&bus)));
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
fn ask(bus: &zbus::blocking::Connection) -> Option<u32> {
    let manager = zbus::blocking::Proxy::new(bus, NAME, PLACE, NAME).ok()?;
    manager.get_property("Metered").ok()
}

#[cfg(target_os = "linux")]
const NAME: &str = "org.freedesktop.NetworkManager";
#[cfg(target_os = "linux")]
const PLACE: &str = "/org/freedesktop/NetworkManager";

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

    /// NetworkManager as far as we ask it.
    #[cfg(target_os = "linux")]
    struct StandIn(std::sync::Arc<std::sync::atomic::AtomicU32>);

    #[cfg(target_os = "linux")]
    #[zbus::interface(name = "org.freedesktop.NetworkManager")]
    impl StandIn {
        #[zbus(property)]
        fn metered(&self) -> u32 {
            self.0.load(std::sync::atomic::Ordering::SeqCst)
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_manager_on_a_real_bus_is_asked_and_one_that_is_not_there_says_nothing() {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed (Debian: dbus)");
        let mut address = String::new();
        let out = daemon.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut address).expect("the bus says where it is");
        let bus = || zbus::blocking::connection::Builder::address(address.trim());
        let ours = bus().expect("an address").build().expect("the bus takes us");
        assert_eq!(ask(&ours), None, "nobody is there");
        let says = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let manager = bus()
            .and_then(|bus| bus.serve_at(PLACE, StandIn(says.clone())))
            .and_then(|bus| bus.name(NAME))
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("the bus takes the manager");
        for (said, meant) in [(1, Some(true)), (2, Some(false)), (3, Some(true)), (0, None)] {
            says.store(said, std::sync::atomic::Ordering::SeqCst);
            assert_eq!(ask(&ours), Some(said));
            assert_eq!(ask(&ours).and_then(of_number), meant);
        }
        drop(manager);
        daemon.kill().and_then(|()| daemon.wait()).expect("the bus ends");
    }
}
