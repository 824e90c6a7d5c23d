//! The font shipped with the program, cut to the characters one document uses.
//!
//! Glyphs are numbered in the order of their first use, so a page can be written at once and the
//! font is cut when the last page is known.

use crate::DocumentError;
use messages::Lang;
use std::collections::{BTreeMap, HashMap};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

/// Noto Sans SC Regular (SIL Open Font License 1.1, see `fonts/OFL.txt`), cut to Latin-1,
/// punctuation, full-width forms and the 20 992 ideographs of the CJK basic block. TrueType
/// outlines: they are cut about ten times faster than CFF ones.
static FONT: &[u8] = include_bytes!("../fonts/NotoSansSC-Regular-cut.ttf");

/// Drawn in place of a character the font lacks.
const BOX: char = '□';

/// A glyph as a page names it.
#[derive(Clone, Copy)]
pub(crate) struct Glyph {
    /// Number in the cut font.
    pub id: u16,
    /// Advance in thousandths of an em.
    pub advance: u16,
}

/// The font with the glyphs used so far.
pub(crate) struct Font {
    face: Face<'static>,
    remapper: GlyphRemapper,
    ascii: [Option<Glyph>; 128],
    others: HashMap<char, Glyph>,
    /// By cut glyph number: what a reader copies, and the advance.
    used: BTreeMap<u16, (char, u16)>,
    missing: BTreeMap<char, u32>,
    ellipsis: &'static str,
}

impl Font {
    /// # Errors
    /// [`DocumentError::Font`] when the shipped font cannot be read, which a test excludes.
    pub fn load(lang: Lang) -> Result<Self, DocumentError> {
        let face = Face::parse(FONT, 0).map_err(|error| DocumentError::Font(error.to_string()))?;
        Ok(Self {
            face,
            remapper: GlyphRemapper::new(),
            ascii: [None; 128],
            others: HashMap::new(),
            used: BTreeMap::new(),
            missing: BTreeMap::new(),
            // The font sets `…` at half height, as Chinese wants it and English does not.
            ellipsis: match lang {
                Lang::Zh => "…",
                Lang::En => "...",
            },
        })
    }

    /// The glyph of a character; a box for one the font lacks, which is counted.
    pub fn glyph(&mut self, ch: char) -> Glyph {
        let ascii = usize::try_from(u32::from(ch)).ok().filter(|code| *code < 128);
        if let Some(glyph) = ascii.and_then(|code| self.ascii[code]) {
            return glyph;
        }
        if ascii.is_none()
            && let Some(glyph) = self.others.get(&ch)
        {
            let glyph = *glyph;
            if let Some(times) = self.missing.get_mut(&ch) {
                *times += 1;
            }
            return glyph;
        }
        let glyph = self.first_use(ch);
        match ascii {
            Some(code) => self.ascii[code] = Some(glyph),
            None => {
                self.others.insert(ch, glyph);
            }
        }
        glyph
    }

    fn first_use(&mut self, ch: char) -> Glyph {
        let (shown, gid) = match self.face.glyph_index(ch) {
            Some(gid) => (ch, gid),
            None => {
                self.missing.insert(ch, 1);
                (BOX, self.face.glyph_index(BOX).unwrap_or(GlyphId(0)))
            }
        };
        let id = self.remapper.remap(gid.0);
        let advance = self.face.glyph_hor_advance(gid).unwrap_or(1000);
        // A true minus is drawn, a plain one is copied: sheets and searches know only that one.
        let copied = if shown == '\u{2212}' { '-' } else { shown };
        // A glyph two characters share keeps the first, so the order of use decides alone.
        self.used.entry(id).or_insert((copied, advance));
        Glyph { id, advance }
    }

    /// Advance of a text in points at this size.
    pub fn width(&mut self, text: &str, size: f32) -> f32 {
        let units: u32 = text.chars().map(|ch| u32::from(self.measure(ch))).sum();
        units as f32 * size / 1000.0
    }

    /// Advance of one character, without counting it as used.
    fn measure(&self, ch: char) -> u16 {
        let code = u32::from(ch) as usize;
        if let Some(glyph) = self.ascii.get(code).copied().flatten() {
            return glyph.advance;
        }
        if let Some(glyph) = self.others.get(&ch) {
            return glyph.advance;
        }
        let gid = self.face.glyph_index(ch).or_else(|| self.face.glyph_index(BOX));
        gid.and_then(|gid| self.face.glyph_hor_advance(gid)).unwrap_or(1000)
    }

    /// The longest start of `text` that fits in `width`, with an ellipsis when it was cut.
    pub fn fit<'a>(&self, text: &'a str, size: f32, width: f32) -> std::borrow::Cow<'a, str> {
        let room = (width * 1000.0 / size) as u32;
        let dots: u32 = self.ellipsis.chars().map(|dot| u32::from(self.measure(dot))).sum();
        let (mut used, mut cut) = (0, 0);
        for (at, ch) in text.char_indices() {
            if used + dots <= room {
                cut = at;
            }
            used += u32::from(self.measure(ch));
            if used > room {
                return format!("{}{}", text[..cut].trim_end(), self.ellipsis).into();
            }
        }
        text.into()
    }

    /// Breaks `text` into at most `most` lines no wider than `width`; the last line is cut with
    /// an ellipsis when there is more. Breaks at blanks and around ideographs, and inside a word
    /// only when the word alone is too wide.
    pub fn wrap(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let room = (width * 1000.0 / size) as u32;
        let mut lines = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() && lines.len() + 1 < most {
            let end = self.line_end(rest, room);
            lines.push(rest[..end].trim_end().to_owned());
            rest = rest[end..].trim_start();
        }
        if !rest.is_empty() {
            lines.push(self.fit(rest, size, width).into_owned());
        }
        lines
    }

    /// Where the first line of `text` ends.
    fn line_end(&self, text: &str, room: u32) -> usize {
        let (mut used, mut good) = (0, 0);
        let mut before = ' ';
        for (at, ch) in text.char_indices() {
            if at > 0 && breaks_between(before, ch) {
                good = at;
            }
            used += u32::from(self.measure(ch));
            if used > room && at > 0 {
                return if good > 0 { good } else { at };
            }
            before = ch;
        }
        text.len()
    }

    /// What is put where text is cut.
    pub fn ellipsis(&self) -> &'static str {
        self.ellipsis
    }

    /// Characters the font lacks, with how often each was drawn as a box.
    pub fn missing(&self) -> impl Iterator<Item = (char, u32)> + '_ {
        self.missing.iter().map(|(ch, times)| (*ch, *times))
    }

    /// By glyph number: what is copied, and the advance in thousandths of an em.
    pub fn used(&self) -> impl Iterator<Item = (u16, char, u16)> + '_ {
        self.used.iter().map(|(id, (ch, advance))| (*id, *ch, *advance))
    }

    /// Units above and below the baseline.
    pub fn ascent_descent(&self) -> (i16, i16) {
        (self.face.ascender(), self.face.descender())
    }

    /// The font program with the used glyphs alone.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the font is damaged, which a test excludes.
    pub fn cut(&self) -> Result<Vec<u8>, DocumentError> {
        subsetter::subset(FONT, 0, &self.remapper)
            .map_err(|error| DocumentError::Font(error.to_string()))
    }
}

/// May a line end between these two?
fn breaks_between(before: char, after: char) -> bool {
    const NO_START: &str = "，。、；：！？）》」』】〕％…·,.;:!?)]}%";
    const NO_END: &str = "（《「『【〔([{¥￥";
    if NO_START.contains(after) || NO_END.contains(before) {
        return false;
    }
    let wide = |ch: char| ch >= '\u{2e80}';
    before == ' ' || before == '-' || before == '/' || wide(before) || wide(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_character_of_both_message_files() {
        let font = Font::load(Lang::Zh).unwrap();
        for json in [
            include_str!("../../messages/messages/statement.zh.json"),
            include_str!("../../messages/messages/statement.en.json"),
        ] {
            for ch in json.chars().filter(|ch| !ch.is_control()) {
                assert!(font.face.glyph_index(ch).is_some(), "{ch}");
            }
        }
        assert_eq!(font.face.units_per_em(), 1000, "advances are used as thousandths of an em");
    }

    #[test]
    fn long_names_are_wrapped_at_blanks_and_cut_with_an_ellipsis() {
        let font = Font::load(Lang::Zh).unwrap();
        let lines = font.wrap("Hangzhou West Lake Tea and Silk Company", 10.0, 90.0, 2);
        assert_eq!(lines, ["Hangzhou West", "Lake Tea and Sil…"]);
        let lines = font.wrap("杭州西湖区龙井茶叶有限公司", 10.0, 65.0, 3);
        assert_eq!(lines, ["杭州西湖区龙", "井茶叶有限公", "司"]);
        assert_eq!(font.fit("short", 10.0, 90.0), "short");
        assert!(font.wrap("", 10.0, 90.0, 2).is_empty());
    }
}
