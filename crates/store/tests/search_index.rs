//! The search index on both databases: what is written is found, merged or not.

use store::Kind;
use store::bulk::{Reader, Writer};
use store::search::{Gathered, Index, Mark, Searchable, Subject, find, gram_keys, segments, text};
use store::testing::{TestBook, block_on};

/// Lines that carry each text: the postings of one text fill more than a page.
const USES: usize = 1_500;

fn lines_of(reader: &mut Reader, segments: &[i64], wanted: &str) -> usize {
    let found = find(reader, segments, Index::Gram, &gram_keys(wanted), 9).expect("postings");
    let mut ids = found.iter().map(|posting| posting.id);
    let id = ids.find(|id| text(reader, *id).expect("a text").as_deref() == Some(wanted));
    let id = id.expect("the text is known");
    find(reader, segments, Index::Use, &(id..=id), 9).expect("postings").len()
}

/// Texts of two and three characters, all different.
fn texts() -> Vec<String> {
    let signs: Vec<char> = "冷萃咖啡陶瓷马克杯".chars().collect();
    let pairs = signs.iter().flat_map(|a| signs.iter().map(move |b| format!("{a}{b}")));
    pairs.flat_map(|pair| [format!("{pair}大"), pair]).collect()
}

#[test]
fn every_text_is_found_by_its_characters_whether_merged_or_not() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for parts in [1, 11] {
            let test = block_on(TestBook::new(kind));
            let texts = texts();
            write(&test, &texts, parts);
            let mut reader = Reader::open(&test.book).expect("a reader");
            let segments = segments(&mut reader).expect("segments");
            assert_eq!(segments.len(), if parts == 1 { 1 } else { 4 });
            for wanted in &texts {
                assert_eq!(lines_of(&mut reader, &segments, wanted), USES, "{wanted}, {parts}");
            }
        }
    }
}

fn write(test: &TestBook, texts: &[String], parts: usize) {
    let mut writer = Writer::open(&test.book).expect("a writer");
    for (part, some) in texts.chunks(texts.len().div_ceil(parts)).enumerate() {
        let mut gathered = Gathered::default();
        let all = some.iter().flat_map(|text| std::iter::repeat_n(text, USES));
        for (line, text) in (1..).zip(all) {
            gathered.add(&Searchable {
                id: ((part as i64 + 1) << 32) | line,
                day: 20_000,
                subject: Subject::Payment,
                amounts: &[100],
                numbers: &[],
                texts: &[text],
            });
        }
        let mut loader = writer.begin().expect("a transaction");
        gathered.write(&mut loader, Mark::default()).expect("a segment");
        loader.commit().expect("a commit");
    }
}
