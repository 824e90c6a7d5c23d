//! Search over the whole book: numbers by their tails, amounts, days, texts and their pinyin.
//!
//! Every word must be answered by the same line. The index gives candidates; each is read and
//! looked at again before it is shown.

mod query;
mod rebuild;
mod rows;

pub use rebuild::rebuild;
pub(crate) use rebuild::tallies;

use crate::error::Error;
use crate::payouts::file_name;
use domain::BusinessDate;
use query::{Day, Matched, Word};
use rows::Row;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use store::bulk::Reader;
use store::pack::split_line_id;
use store::search::{
    Index, Posting, Subject, find, gram_keys, pinyin_keys, pinyin_matches, segments, tail_key,
    tail_keys, text,
};

/// Groups in the order in which they are shown.
const ORDER: [Subject; 8] = [
    Subject::Payout,
    Subject::Payment,
    Subject::Refund,
    Subject::Order,
    Subject::ShopRefund,
    Subject::Bank,
    Subject::Movement,
    Subject::File,
];
/// Pages of the index read from each segment for one word alone: thousands of lines, newest first.
const PAGES: u32 = 4;
/// The same where several words must meet in one line.
const PAGES_TO_MEET: u32 = 48;
/// Characters from which on a number that is found whole is not also taken for a tail.
const WHOLE: usize = 12;
/// Texts followed to their lines, the closest first.
const TEXTS: usize = 24;
/// Candidates looked at again for each group, in multiples of the rows asked for.
const LOOKED_AT: usize = 6;

/// What was found, by kind of record.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Found {
    /// Groups with at least one hit.
    pub groups: Vec<Group>,
}

/// Hits of one kind, whole numbers first, then the newest.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Group {
    /// `payout`, `payment`, `refund`, `order`, `shop_refund`, `bank`, `movement`, `file`.
    pub kind: &'static str,
    /// The hits.
    pub hits: Vec<Hit>,
    /// True when there are more than were asked for.
    pub more: bool,
}

/// A line that answers every word.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Hit {
    /// Line id.
    pub id: i64,
    /// Document it stands in.
    pub document: i64,
    /// Line number there; 0 for the file itself.
    pub line_no: u32,
    /// The file's name.
    pub file_name: String,
    /// The payout it leads to: of a payout row, and of the bank line that answers one.
    pub payout: Option<String>,
    /// Day, in the channel's zone.
    pub day: i32,
    /// Channel code, `bank`, or empty.
    pub channel: String,
    /// Goods, other party, file name; the text that was found when one was.
    pub title: String,
    /// The number that was found, else the one people know it by.
    pub number: String,
    /// Amount as the row has it; `None` for a file.
    pub amount_minor: Option<i64>,
    /// Its currency.
    pub currency: String,
    /// What was found in it: `number`, `amount`, `text`, `pinyin`, `date`.
    pub matched: &'static str,
}

/// The stable code of a kind of record.
fn code(subject: Subject) -> &'static str {
    match subject {
        Subject::Payment => "payment",
        Subject::Refund => "refund",
        Subject::Payout => "payout",
        Subject::Movement => "movement",
        Subject::Bank => "bank",
        Subject::Order => "order",
        Subject::ShopRefund => "shop_refund",
        Subject::File => "file",
    }
}

/// Finds lines that answer every word typed, at most `limit` of each kind.
///
/// # Errors
/// The database's. Nothing found is no error.
pub fn search(reader: &mut Reader, typed: &str, limit: u32) -> Result<Found, Error> {
    let words = query::parse(typed);
    if words.is_empty() || limit == 0 {
        return Ok(Found::default());
    }
    let days = days_of(reader, &words)?;
    let segments = segments(reader)?;
    let mut question = Question { reader, segments: &segments, words: &words, days: &days };
    let candidates = question.candidates(limit)?;
    let mut found = Found::default();
    for subject in ORDER {
        found.groups.extend(question.group(subject, &candidates, limit)?);
    }
    Ok(found)
}

/// The day each word names; a day without a year is the last one the book has.
fn days_of(reader: &mut Reader, words: &[Word]) -> Result<Vec<Option<i32>>, Error> {
    let mut last = None;
    if words.iter().any(|word| matches!(word.day, Some(Day::Yearless(..)))) {
        reader.query("select max(to_day) from document", &[], |row| {
            last = row.opt_int(0)?;
            Ok(())
        })?;
    }
    let resolve = |month, day| {
        let last = last.map(|last| BusinessDate::from_days(last as i32))?;
        let year: i32 = last.to_string().get(..4)?.parse().ok()?;
        // 29 February comes every four years, and once not for eight.
        (0..=8)
            .filter_map(|back| BusinessDate::from_ymd(year - back, month, day))
            .map(BusinessDate::days)
            .find(|day| *day <= last.days())
    };
    let of = |word: &Word| match word.day? {
        Day::Whole(day) => Some(day),
        Day::Yearless(month, day) => resolve(month, day),
    };
    Ok(words.iter().map(of).collect())
}

struct Question<'a> {
    reader: &'a mut Reader,
    segments: &'a [i64],
    words: &'a [Word],
    days: &'a [Option<i32>],
}

/// Lines of one origin that may answer, by kind, the newest first.
type Candidates = BTreeMap<Subject, Vec<i64>>;

impl Question<'_> {
    /// Lines that may answer every word. Each way in which a single word can be meant is an origin
    /// of its own: a common amount must not hide the one number that ends like it.
    fn candidates(&mut self, limit: u32) -> Result<Vec<Candidates>, Error> {
        let words = self.words;
        let asked: Vec<usize> = (0..words.len()).filter(|at| !self.only_a_day(*at)).collect();
        let mut origins = match asked[..] {
            [] => Vec::new(),
            [at] => self.origins(&words[at], self.pages())?,
            _ => vec![self.meeting(&asked)?],
        };
        // Figures beside a text may be some of its own, 8 of an eight-inch cake: texts are found
        // without theirs, and looked at again with them.
        let (figures, texts): (Vec<usize>, Vec<usize>) =
            asked.iter().partition(|at| self.words[**at].masked.is_empty());
        if !figures.is_empty() && !texts.is_empty() {
            origins.push(self.meeting(&texts)?);
        }
        // A day alone, or a number that is a day as well: the day's own lines answer too.
        if let ([_], [Some(day)]) = (words, self.days) {
            let lines = rows::of_day(self.reader, *day, limit + 1)?;
            let posting = |(subject, id)| Posting { key: 0, day: *day, id, subject: subject as u8 };
            origins.push(lines.into_iter().map(posting).collect());
        }
        let days: Vec<i32> = match words.len() {
            1 => Vec::new(),
            _ => self.days.iter().flatten().copied().collect(),
        };
        Ok(origins.into_iter().map(|postings| newest_first(postings, &days)).collect())
    }

    /// Lines in which all these words may meet.
    fn meeting(&mut self, asked: &[usize]) -> Result<Vec<Posting>, Error> {
        let mut meeting: Option<Vec<Posting>> = None;
        for at in asked {
            let found = self.origins(&self.words[*at], self.pages())?.concat();
            meeting = Some(match meeting {
                None => found,
                Some(before) => {
                    let ids: HashSet<i64> = before.iter().map(|posting| posting.id).collect();
                    found.into_iter().filter(|posting| ids.contains(&posting.id)).collect()
                }
            });
        }
        Ok(meeting.unwrap_or_default())
    }

    fn pages(&self) -> u32 {
        if self.words.len() > 1 { PAGES_TO_MEET } else { PAGES }
    }

    /// True for a word that is a day and nothing else: it narrows, and finds nothing by itself.
    fn only_a_day(&self, at: usize) -> bool {
        let word = &self.words[at];
        self.days[at].is_some() && (self.words.len() > 1 || word.tail.is_none())
    }

    /// Postings of lines that may answer a word, one list for each way to mean it.
    fn origins(&mut self, word: &Word, pages: u32) -> Result<Vec<Vec<Posting>>, Error> {
        let mut origins = Vec::new();
        if let Some(tail) = word.tail.as_ref().or(word.run.as_ref()) {
            let whole = tail_key(tail);
            let exact = self.find(Index::Tail, &(whole..=whole), pages)?;
            // A long number that is there whole is what was meant: a scan, a pasted number.
            if exact.is_empty() || tail.len() < WHOLE {
                origins.push(self.find(Index::Tail, &tail_keys(tail), pages * 4)?);
            }
            origins.push(exact);
        }
        let amounts: BTreeSet<i64> = [2, 0, 3].into_iter().filter_map(|d| word.minor(d)).collect();
        for minor in amounts {
            origins.push(self.find(Index::Amount, &(minor..=minor), pages)?);
        }
        let mut lines = Vec::new();
        for text in self.texts_of(word)? {
            lines.extend(self.find(Index::Use, &(text..=text), pages)?);
        }
        origins.push(lines);
        Ok(origins)
    }

    /// Texts that carry the word or are read like it, the closest first.
    fn texts_of(&mut self, word: &Word) -> Result<Vec<i64>, Error> {
        let mut ids = BTreeSet::new();
        if !word.masked.is_empty() {
            let grams = self.find(Index::Gram, &gram_keys(&word.masked), PAGES)?;
            ids.extend(grams.iter().map(|posting| posting.id));
        }
        if let Some(letters) = &word.letters {
            let read = self.find(Index::Pinyin, &pinyin_keys(letters), PAGES)?;
            ids.extend(read.iter().map(|posting| posting.id));
        }
        let mut texts = Vec::new();
        for id in ids.into_iter().take(TEXTS * 8) {
            let Some(text) = text(self.reader, id)? else { continue };
            let at = match text.find(&word.masked) {
                Some(at) if !word.masked.is_empty() => at,
                _ if word.letters.as_ref().is_some_and(|l| pinyin_matches(&text, l)) => 1,
                _ => continue,
            };
            texts.push((at > 0, text.chars().count(), text, id));
        }
        texts.sort_unstable();
        Ok(texts.into_iter().take(TEXTS).map(|(.., id)| id).collect())
    }

    fn find(
        &mut self,
        index: Index,
        keys: &store::search::Keys,
        pages: u32,
    ) -> Result<Vec<Posting>, Error> {
        Ok(find(self.reader, self.segments, index, keys, pages)?)
    }

    /// Reads candidates until enough of each origin answer; `None` when none does.
    fn group(
        &mut self,
        subject: Subject,
        origins: &[Candidates],
        limit: u32,
    ) -> Result<Option<Group>, Error> {
        let limit = limit as usize;
        let mut hits: Vec<(Place, Hit)> = Vec::new();
        let mut seen = HashSet::new();
        for ids in origins.iter().filter_map(|origin| origin.get(&subject)) {
            let mut answered = 0;
            for some in ids.chunks(rows::AT_ONCE).take(limit.div_ceil(rows::AT_ONCE) * LOOKED_AT) {
                let unseen: Vec<i64> = some.iter().copied().filter(|id| seen.insert(*id)).collect();
                for row in rows::read(self.reader, subject, &unseen)? {
                    let Some(matched) = self.answers(&row) else { continue };
                    answered += 1;
                    let whole = matched.contains(&Matched::WholeNumber);
                    let place = Place { whole, day: row.day, at_ms: row.at_ms };
                    hits.push((place, hit(row, self.words, &matched)));
                }
                if answered > limit {
                    break;
                }
            }
        }
        // Where day and time are equal, the text decides: ids depend on the order of imports.
        let rest = |hit: &Hit| (hit.number.clone(), hit.title.clone(), hit.amount_minor);
        hits.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| rest(&a.1).cmp(&rest(&b.1))));
        let more = hits.len() > limit;
        let mut hits: Vec<Hit> = hits.into_iter().take(limit).map(|(_, hit)| hit).collect();
        for hit in &mut hits {
            hit.file_name = file_name(self.reader, hit.document)?;
        }
        Ok((!hits.is_empty()).then_some(Group { kind: code(subject), hits, more }))
    }

    /// What of the row answers each word; `None` when a word stays without an answer.
    fn answers(&self, row: &Row) -> Option<Vec<Matched>> {
        let words = self.words.iter().zip(self.days);
        words.map(|(word, day)| word.matched(row, *day)).collect()
    }
}

/// Where a hit stands among the others of its kind: whole numbers first, then the newest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    whole: bool,
    day: i32,
    at_ms: i64,
}

/// Lines by kind, the newest first; only of these days, if any.
fn newest_first(mut postings: Vec<Posting>, days: &[i32]) -> Candidates {
    postings.retain(|posting| days.is_empty() || days.contains(&posting.day));
    postings.sort_unstable_by_key(|posting| std::cmp::Reverse((posting.day, posting.id)));
    postings.dedup_by_key(|posting| posting.id);
    let mut candidates = Candidates::new();
    for posting in postings {
        candidates.entry(posting.subject()).or_default().push(posting.id);
    }
    candidates
}

fn hit(row: Row, words: &[Word], matched: &[Matched]) -> Hit {
    let (document, line_no) = split_line_id(row.id);
    let ends = |number: &&String| {
        let folded = number.to_ascii_lowercase();
        words.iter().any(|w| w.tail.as_ref().is_some_and(|tail| folded.ends_with(tail)))
    };
    let number = row.numbers.iter().find(ends).or_else(|| row.numbers.first());
    let carries = |text: &&String| {
        let folded = store::search::fold(text);
        words.iter().any(|w| !w.masked.is_empty() && folded.contains(&w.text))
    };
    let first = row.texts.first().filter(|_| !row.pays_out);
    let title = row.texts.iter().find(carries).or(first);
    Hit {
        id: row.id,
        document,
        line_no,
        file_name: String::new(),
        day: row.day,
        title: title.cloned().unwrap_or_default(),
        number: number.cloned().unwrap_or_default(),
        amount_minor: row.amounts.first().map(|minor| if row.pays_out { -minor } else { *minor }),
        currency: row.currency,
        channel: row.channel,
        payout: row.payout,
        matched: matched.iter().min().map_or("text", |matched| matched.code()),
    }
}
