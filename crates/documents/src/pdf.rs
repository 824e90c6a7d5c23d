//! The pages put in a PDF file.
//!
//! printpdf builds the document and embeds the font with its Unicode map; the pages' drawings,
//! written and compressed as they were laid out, then take the place of the empty ones. Ids and
//! dates come from the statement, so the same statement gives the same bytes.

use crate::DocumentError;
use crate::canvas::FONT_NAME;
use crate::day_sheet::DaySheet;
use crate::font::Font;
use crate::hash::{content_hash, hex};
use crate::layout::{PAGE, Sheets, lay_out, lay_out_sheet};
use crate::statement::{Statement, StatementKind};
use crate::words::{clean, heading};
use domain::BusinessDate;
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};
use messages::Lang;
use printpdf::{
    Codepoint, CustomPdfConformance, FontId, FontMetrics, Mm, OffsetDateTime, Op, ParsedFont,
    PdfConformance, PdfDocument, PdfDocumentInfo, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions,
    Pt, TextItem,
};
use std::collections::BTreeMap;

/// Draws a statement as PDF: A4, the font embedded with the characters used, text that can be
/// searched and copied.
///
/// # Errors
/// What [`Statement::check`] finds first; [`DocumentError::Font`] or [`DocumentError::Pdf`] when
/// the file cannot be made.
pub fn render_pdf(statement: &Statement) -> Result<Vec<u8>, DocumentError> {
    statement.check()?;
    let hash = content_hash(statement);
    let sheets = lay_out(statement, &hash)?;
    // The last day the statement speaks of stands for "made on": a clock would change the bytes.
    let day = match &statement.kind {
        StatementKind::Payout(head) => head.arrival.as_ref().map_or(head.left_on, |a| a.booked_on),
        StatementKind::Period { period, .. } => period.until.plus_days(-1),
    };
    let (title, author) = (heading(statement), clean(&statement.company.name));
    file(sheets, &Facts { day, title, author, lang: statement.lang, hash })
}

/// Draws the day sheet of a till, in the same way.
///
/// # Errors
/// [`DocumentError::DaySheet`] when its sums do not hold; [`DocumentError::Font`] or
/// [`DocumentError::Pdf`] when the file cannot be made.
pub fn render_day_sheet(sheet: &DaySheet) -> Result<Vec<u8>, DocumentError> {
    sheet.check()?;
    let hash = sheet.content_hash();
    let sheets = lay_out_sheet(sheet, &hash)?;
    let (title, author) = (sheet.heading(), clean(&sheet.company));
    file(sheets, &Facts { day: sheet.day, title, author, lang: sheet.lang, hash })
}

/// What a file says of itself.
struct Facts {
    day: BusinessDate,
    title: String,
    author: String,
    lang: Lang,
    hash: [u8; 32],
}

fn file(sheets: Sheets, facts: &Facts) -> Result<Vec<u8>, DocumentError> {
    let document = skeleton(facts, &sheets.font)?;
    let mut warnings = Vec::new();
    let mut file = printpdf::to_lopdf_doc(&document, &PdfSaveOptions::default(), &mut warnings);
    // The two copies of the font that the document held are not needed any more.
    drop(document);
    put_pages(&mut file, sheets);
    seal(&mut file, facts.lang, &facts.hash);
    file.compress();
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).map_err(DocumentError::Pdf)?;
    Ok(bytes)
}

/// A document of one page that shows every glyph once, so that the font goes in whole.
fn skeleton(facts: &Facts, font: &Font) -> Result<PdfDocument, DocumentError> {
    let mut document = PdfDocument::new("");
    document.metadata.info = info(facts);
    let widths: BTreeMap<u16, u16> = font.used().map(|(id, _, advance)| (id, advance)).collect();
    let map = font.used().map(|(id, ch, _)| (u32::from(ch), id)).collect();
    let (ascent, descent) = font.ascent_descent();
    let metrics = FontMetrics { ascent, descent };
    // The tag in front marks a font cut to the characters used (ISO 32000-1, 9.6.4).
    let name = Some("SUANPN+NotoSansSC-Regular".to_owned());
    let parsed = ParsedFont::with_glyph_data(font.cut()?, 0, name, map, widths, 1000, metrics);
    let id = FontId(FONT_NAME.to_owned());
    document.resources.fonts.map.insert(id.clone(), PdfFont::new(parsed));
    let glyphs =
        font.used().map(|(gid, ch, _)| Codepoint::with_cid(gid, 0.0, ch.to_string())).collect();
    let ops = vec![
        Op::StartTextSection,
        Op::SetFont { font: PdfFontHandle::External(id), size: Pt(1.0) },
        Op::ShowText { items: vec![TextItem::GlyphIds(glyphs)] },
        Op::EndTextSection,
    ];
    document.pages.push(PdfPage::new(Mm(210.0), Mm(297.0), ops));
    Ok(document)
}

fn info(facts: &Facts) -> PdfDocumentInfo {
    let at = BusinessDate::start_ms(facts.day) / 1000 + 8 * 3600;
    let at = OffsetDateTime::from_unix_timestamp(at)
        .unwrap_or_else(|_| PdfDocumentInfo::default().creation_date);
    // No claim to an exchange standard: its colour profile alone weighs half a megabyte.
    let conformance = PdfConformance::Custom(CustomPdfConformance {
        identifier: String::new(),
        allows_3d_content: false,
        allows_video_content: false,
        allows_audio_content: false,
        allows_embedded_javascript: false,
        allows_jpeg_content: false,
        requires_xmp_metadata: false,
        allows_default_fonts: false,
        requires_icc_profile: false,
        allows_pdf_layers: false,
    });
    PdfDocumentInfo {
        creation_date: at,
        modification_date: at,
        metadata_date: at,
        conformance,
        document_title: facts.title.clone(),
        author: facts.author.clone(),
        creator: "Suanpan".to_owned(),
        producer: "Suanpan".to_owned(),
        identifier: hex(&facts.hash),
        ..PdfDocumentInfo::default()
    }
}

/// Puts the real pages in place of the skeleton's one.
fn put_pages(file: &mut lopdf::Document, sheets: Sheets) {
    let (root, first) = roots(file);
    let resources = take_resources(file, first);
    let media = [0.0, 0.0, PAGE.0, PAGE.1].map(Object::Real).to_vec();
    let mut kids = Vec::with_capacity(sheets.pages.len());
    for (drawing, number) in sheets.pages {
        let mut filter = Dictionary::new();
        filter.set("Filter", "FlateDecode");
        let drawing = file.add_object(Stream::new(filter, drawing).with_compression(false));
        let number = Stream::new(Dictionary::new(), number).with_compression(false);
        let number = file.add_object(number);
        let mut page = Dictionary::new();
        page.set("Type", "Page");
        page.set("Parent", root);
        page.set("Contents", vec![drawing.into(), number.into()]);
        kids.push(Object::Reference(file.add_object(page)));
    }
    let mut tree = Dictionary::new();
    tree.set("Type", "Pages");
    tree.set("Count", kids.len() as i64);
    tree.set("Kids", kids);
    tree.set("MediaBox", media);
    // Every page inherits the one font.
    tree.set("Resources", resources);
    file.set_object(root, tree);
}

/// The page tree and the skeleton's page.
fn roots(file: &lopdf::Document) -> (ObjectId, ObjectId) {
    let root = file
        .catalog()
        .and_then(|catalog| catalog.get(b"Pages"))
        .and_then(Object::as_reference)
        .expect("printpdf writes a page tree");
    let first = file.page_iter().next().expect("the skeleton has one page");
    (root, first)
}

/// Takes the skeleton's page out and gives its resources.
fn take_resources(file: &mut lopdf::Document, page: ObjectId) -> Object {
    let object = file.objects.remove(&page).expect("the skeleton's page is in the file");
    let page = object.as_dict().expect("a page is a dictionary");
    if let Ok(contents) = page.get(b"Contents").and_then(Object::as_reference) {
        file.objects.remove(&contents);
    }
    page.get(b"Resources").cloned().expect("printpdf writes a page's resources")
}

/// Language, title shown by the reader, and ids that the content alone decides.
fn seal(file: &mut lopdf::Document, lang: Lang, hash: &[u8; 32]) {
    let id = Object::String(hash[..16].to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    let lang = match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    // printpdf names an exchange standard for every file; this one claims none.
    let info = file.trailer.get(b"Info").and_then(Object::as_reference);
    if let Ok(info) = info.and_then(|id| file.get_object_mut(id)).and_then(Object::as_dict_mut) {
        for key in ["GTS_PDFXVersion", "Trapped", "Subject", "Keywords"] {
            info.remove(key.as_bytes());
        }
    }
    let mut shown = Dictionary::new();
    shown.set("DisplayDocTitle", true);
    if let Ok(catalog) = file.catalog_mut() {
        catalog.set("Lang", Object::string_literal(lang));
        catalog.set("ViewerPreferences", shown);
    }
}
