use super::*;
use crate::bill::{FileKind, TableTarget};
use crate::open::{Options, open, open_bytes, open_source, read_entry};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;
use std::ops::ControlFlow;
use zip::write::SimpleFileOptions;

const BILL: &[u8] = include_bytes!("../../fixtures/wechat_pay/trade_all.csv");
const ALIPAY: &[u8] = include_bytes!("../../fixtures/alipay/trade.csv.zip");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn rows(bytes: &[u8]) -> Vec<Result<u64, String>> {
    let options = Options::default();
    let entries = open_bytes("x", bytes).unwrap();
    let mut sink = |_| ControlFlow::Continue(());
    entries
        .iter()
        .map(|entry| match &entry.kind {
            Ok(_) => read_entry(entry, &options, &mut sink)
                .map(|closing| closing.rows_read)
                .map_err(|problem| problem.to_string()),
            Err(problem) => Err(problem.to_string()),
        })
        .collect()
}

fn small() -> Limits {
    Limits { unpacked_bytes: 1 << 20, ratio: 20, ratio_from_bytes: 64 << 10, entries: 3 }
}

fn opened(bytes: &[u8], limits: Limits) -> Result<u64, FileProblem> {
    let source = Source::Bytes { name: "x".into(), bytes: bytes.into() };
    let entries = open_source(&source, limits)?;
    let mut read = 0;
    for entry in entries {
        let mut reader = entry.reader()?;
        entry.kind?;
        read += io::copy(&mut reader, &mut io::sink()).map_err(read_problem)?;
    }
    Ok(read)
}

#[test]
fn plain_gzip_and_zip_of_a_bill_give_the_same_rows() {
    assert_eq!(rows(BILL), [Ok(3)]);
    assert_eq!(rows(&gzip(BILL)), [Ok(3)]);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let zip = zip_of(&[("a.csv", BILL), ("空.txt", b""), ("b/账单.csv", BILL)], method);
        assert_eq!(rows(&zip), [Ok(3), Ok(3)]);
        let entries = open_bytes("x", &zip[..]).unwrap();
        assert_eq!(entries[1].name, "b/账单.csv");
    }
}

#[test]
fn a_gzip_of_several_members_is_one_file() {
    let (first, second) = BILL.split_at(500);
    assert_eq!(rows(&[gzip(first), gzip(second)].concat()), [Ok(3)]);
}

#[test]
fn a_file_on_disk_is_read_twice_from_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bill.bin");
    std::fs::write(&path, gzip(BILL)).unwrap();
    let entries = open(&path).unwrap();
    for _ in 0..2 {
        let mut bytes = Vec::new();
        entries[0].reader().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, BILL);
    }
    assert!(matches!(open(folder.path()), Err(FileProblem::Io(_))));
    assert!(matches!(open(&folder.path().join("none")), Err(FileProblem::Io(_))));
}

#[test]
fn one_strange_entry_does_not_spoil_the_others() {
    let zip = zip_of(
        &[("readme.txt", b"hello"), ("bill.csv", BILL), ("inner.zip", ALIPAY)],
        CompressionMethod::Deflated,
    );
    let entries = open_bytes("x", &zip[..]).unwrap();
    assert!(matches!(entries[0].kind, Err(FileProblem::Unknown { hint: None })));
    assert!(entries[1].kind.is_ok());
    assert!(matches!(
        entries[2].kind,
        Err(FileProblem::TooLarge { what: "nesting of archives", .. })
    ));
    assert!(matches!(
        open_bytes("x", gzip(&gzip(BILL))).unwrap()[0].kind,
        Err(FileProblem::TooLarge { .. })
    ));
}

#[test]
fn a_workbook_is_one_table() {
    let zip = zip_of(
        &[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")],
        CompressionMethod::Deflated,
    );
    let entries = open_bytes("orders.xlsx", &zip[..]).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].kind.as_ref().unwrap(), &FileKind::Table { target: None });
    let problem = read_entry(&entries[0], &Options::default(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(problem, Err(FileProblem::NeedsMapping)));
    let mapping = Some(crate::table::Mapping::new(TableTarget::Bank));
    let options = Options { mapping, ..Options::default() };
    assert!(read_entry(&entries[0], &options, &mut |_| ControlFlow::Continue(())).is_err());
}

#[test]
fn bombs_are_refused_before_they_unfold() {
    let head = b"a,b\n1,2\n";
    let zeros: Vec<u8> = head.iter().copied().chain(std::iter::repeat_n(b'0', 900_000)).collect();
    let big: Vec<u8> = head.iter().copied().chain(std::iter::repeat_n(b'0', 2_000_000)).collect();
    for packed in [gzip(&zeros), zip_of(&[("a", &zeros)], CompressionMethod::Deflated)] {
        assert!(matches!(
            opened(&packed, small()),
            Err(FileProblem::TooLarge { what: "compression ratio", limit: 20 })
        ));
    }
    let roomy = Limits { ratio: 1_000_000, ..small() };
    for packed in [gzip(&big), zip_of(&[("a", &big)], CompressionMethod::Deflated)] {
        assert!(matches!(
            opened(&packed, roomy),
            Err(FileProblem::TooLarge { what: "unpacked size", limit: 1_048_576 })
        ));
    }
    let many =
        zip_of(&[("1", b"a"), ("2", b"a"), ("3", b"a"), ("4", b"a")], CompressionMethod::Stored);
    assert!(matches!(
        opened(&many, small()),
        Err(FileProblem::TooLarge { what: "number of entries", limit: 3 })
    ));
}

#[test]
fn a_forged_size_or_checksum_is_noticed() {
    let zip = zip_of(&[("bill.csv", BILL)], CompressionMethod::Deflated);
    let directory = zip.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let forged = |offset: usize| {
        let mut zip = zip.clone();
        zip[directory + offset] ^= 1;
        rows(&zip)
    };
    // Checksum and unpacked size stand at 16 and 24 of a directory record.
    for offset in [16, 24] {
        let found = forged(offset);
        assert!(found[0].as_ref().unwrap_err().contains("damaged"), "{found:?}");
    }
}

#[test]
fn a_cut_gzip_is_damaged_not_short() {
    let packed = gzip(BILL);
    for cut in [packed.len() / 2, packed.len() - 1, packed.len() - 9] {
        let found = rows(&packed[..cut]);
        assert!(found[0].as_ref().unwrap_err().contains("damaged"), "{found:?}");
    }
}

#[test]
fn a_gigabyte_in_one_line_is_refused_with_little_memory() {
    let endless = io::repeat(b'x').take(1 << 30);
    let mut reader = BufReader::new(BILL.chain(endless));
    let problem =
        crate::wechat_pay::trade_bill::read(&mut reader, &mut |_| ControlFlow::Continue(()));
    // The bill's own end comes first: what follows it is too much in any case.
    assert!(matches!(problem, Err(FileProblem::TooLarge { what: "one line", .. })), "{problem:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        if let Ok(entries) = open_bytes("x", bytes) {
            for entry in &entries {
                let _ = read_entry(entry, &Options::default(), &mut |_| ControlFlow::Continue(()));
            }
        }
    }

    #[test]
    fn a_bill_with_bytes_changed_never_panics(
        which in 0usize..7,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let files: [&[u8]; 7] = [
            BILL,
            include_bytes!("../../fixtures/wechat_pay/trade_refund.csv"),
            include_bytes!("../../fixtures/wechat_pay/fund_basic_1.csv"),
            include_bytes!("../../fixtures/wechat_pay/fund_basic_2.csv"),
            ALIPAY,
            include_bytes!("../../fixtures/alipay/signcustomer.csv.zip"),
            include_bytes!("../../fixtures/wechat_pay/fund_basic_1.csv"),
        ];
        let mut bytes = files[which].to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if which == 6 {
            bytes = gzip(&bytes);
        }
        if let Ok(entries) = open_bytes("x", bytes) {
            for entry in &entries {
                let _ = read_entry(entry, &Options::default(), &mut |_| ControlFlow::Continue(()));
            }
        }
    }
}
