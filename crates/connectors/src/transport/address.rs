//! Where a typed-in address may lead.
//!
//! Not to this computer, the house or the machine's own metadata: a name that somebody else owns
//! could otherwise make the program call what only it can reach. With "intranet shop" this
//! computer and the house are allowed; what no shop can stand on is never.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// # Errors
/// The rule that the address breaks.
pub(super) fn check(address: IpAddr, intranet: bool) -> Result<(), &'static str> {
    let address = match address {
        IpAddr::V4(address) => address,
        IpAddr::V6(address) => match inside(address)? {
            Some(address) => address,
            None => return check_v6(address, intranet),
        },
    };
    let [a, b, c, _] = address.octets();
    if address.is_loopback() || address.is_private() {
        return in_the_house(intranet);
    }
    // Addresses that a provider hands out behind its own translation.
    if a == 100 && (64..128).contains(&b) && address != ALIBABA_METADATA {
        return in_the_house(intranet);
    }
    let special = a == 0
        || a >= 224
        || address == ALIBABA_METADATA
        || address.is_link_local()
        || address.is_documentation()
        || [a, b, c] == [192, 0, 0]
        || (a == 198 && (b == 18 || b == 19));
    if special { Err(NO_SHOP) } else { Ok(()) }
}

const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
const NO_SHOP: &str = "leads where no shop can stand";
const IN_THE_HOUSE: &str = "leads into the house: say that it is an intranet shop";

fn in_the_house(intranet: bool) -> Result<(), &'static str> {
    if intranet { Ok(()) } else { Err(IN_THE_HOUSE) }
}

/// The older address that a newer one carries.
fn inside(address: Ipv6Addr) -> Result<Option<Ipv4Addr>, &'static str> {
    let s = address.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ok(Some(Ipv4Addr::new(a, b, c, d)))
    };
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Ok(None),
        // Mapped, compatible, translated (NAT64), 6to4.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => of(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        // Teredo, and translation in the house: nobody serves a shop there.
        [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..] => Err(NO_SHOP),
        _ => Ok(None),
    }
}

fn check_v6(address: Ipv6Addr, intranet: bool) -> Result<(), &'static str> {
    let [first, second, ..] = address.segments();
    // The metadata service of one large provider stands among the private addresses.
    if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
        return Err(NO_SHOP);
    }
    if address.is_loopback() || first & 0xfe00 == 0xfc00 {
        return in_the_house(intranet);
    }
    let documentation = (first, second) == (0x2001, 0xdb8);
    // Global unicast is 2000::/3; link-local, multicast and the rest are outside.
    if first & 0xe000 != 0x2000 || documentation { Err(NO_SHOP) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, intranet: bool) -> Result<(), &'static str> {
        check(text.parse().expect(text), intranet)
    }

    #[test]
    fn a_shop_stands_on_the_net_or_said_to_be_so_in_the_house() {
        for open in ["8.8.8.8", "47.91.1.2", "2606:4700::1111", "2002:808:808::1"] {
            assert_eq!(verdict(open, false), Ok(()), "{open}");
        }
        for house in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.10",
            "100.64.0.1",
            "::1",
            "fd12:3456::1",
            "::ffff:127.0.0.1",
            "::ffff:192.168.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "::10.0.0.1",
        ] {
            assert_eq!(verdict(house, false), Err(IN_THE_HOUSE), "{house}");
            assert_eq!(verdict(house, true), Ok(()), "{house}");
        }
        for never in [
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.0.192",
            "198.18.0.1",
            "203.0.113.9",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "::",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2001::1",
            "2001:db8::1",
            "64:ff9b:1::1",
        ] {
            for intranet in [false, true] {
                assert_eq!(verdict(never, intranet), Err(NO_SHOP), "{never}");
            }
        }
    }
}
