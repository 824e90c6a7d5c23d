//! The bank's statement, in each of its formats.

use super::list::push_cell;
use crate::model::BankLine;
use crate::options::BankFormat;
use crate::time::{compact_date, date_text, push_clock, push_date, push_yuan, yuan};
use std::fmt::Write;

const CSV: &str =
    "\u{feff}账号,交易日期,交易时间,借方金额,贷方金额,余额,对方户名,摘要,流水号,币种\r\n";

/// A statement of these lines for the days from `from` until before `until` (days since
/// 1970-01-01). `opening` is the balance before the first line, fen.
pub fn bank_statement(
    lines: &[BankLine],
    opening: i64,
    (from, until): (i32, i32),
    format: BankFormat,
) -> Vec<u8> {
    let closing = lines.last().map_or(opening, |line| line.balance);
    let span = Span { lines, opening, closing, from, last: until - 1 };
    match format {
        BankFormat::Csv => span.csv(),
        BankFormat::Ofx1 => span.ofx(false),
        BankFormat::Ofx2 => span.ofx(true),
        BankFormat::Mt940 => span.mt940(),
        BankFormat::Camt053 => span.camt(),
    }
    .into_bytes()
}

/// `csv`, `ofx`…, with the version where two formats share it.
pub(super) fn extension(format: BankFormat) -> &'static str {
    match format {
        BankFormat::Csv => "csv",
        BankFormat::Ofx1 => "v1.ofx",
        BankFormat::Ofx2 => "v2.ofx",
        BankFormat::Mt940 => "sta",
        BankFormat::Camt053 => "xml",
    }
}

struct Span<'a> {
    lines: &'a [BankLine],
    opening: i64,
    closing: i64,
    from: i32,
    last: i32,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// SWIFT writes a comma before the cents.
fn swift(minor: i64) -> String {
    yuan(minor.abs()).replace('.', ",")
}

fn side(minor: i64) -> char {
    if minor < 0 { 'D' } else { 'C' }
}

impl Span<'_> {
    fn csv(&self) -> String {
        let mut out = String::from(CSV);
        for line in self.lines {
            out.push_str(crate::BANK_ACCOUNT);
            out.push(',');
            push_date(&mut out, line.at.day, "-");
            out.push(',');
            push_clock(&mut out, line.at.sec);
            out.push(',');
            if line.amount < 0 {
                push_yuan(&mut out, -line.amount);
            }
            out.push(',');
            if line.amount > 0 {
                push_yuan(&mut out, line.amount);
            }
            out.push(',');
            push_yuan(&mut out, line.balance);
            for text in [line.counterparty, &line.memo, &line.bank_ref, "CNY"] {
                out.push(',');
                push_cell(&mut out, text);
            }
            out.push_str("\r\n");
        }
        out
    }

    /// OFX 1.02 leaves values unclosed (SGML); OFX 2 closes them (XML).
    fn ofx(&self, xml: bool) -> String {
        let stamp = |day: i32, sec: u32| {
            let mut text = compact_date(day);
            push_clock(&mut text, sec);
            text.retain(|c| c != ':');
            text + "[+8:CST]"
        };
        let tag = |name: &str, value: &str| match xml {
            true => format!("<{name}>{}</{name}>\r\n", escaped(value)),
            false => format!("<{name}>{}\r\n", escaped(value)),
        };
        let mut out = String::from(match xml {
            true => {
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\r\n<?OFX \
                 OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" \
                 NEWFILEUID=\"NONE\"?>\r\n"
            }
            false => {
                "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\n\
                 ENCODING:UTF-8\r\nCHARSET:NONE\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\n\
                 NEWFILEUID:NONE\r\n\r\n"
            }
        });
        out += "<OFX>\r\n<SIGNONMSGSRSV1>\r\n<SONRS>\r\n<STATUS>\r\n";
        out += &(tag("CODE", "0") + &tag("SEVERITY", "INFO") + "</STATUS>\r\n");
        out += &(tag("DTSERVER", &stamp(self.last + 1, 21_600)) + &tag("LANGUAGE", "CHS"));
        out += "</SONRS>\r\n</SIGNONMSGSRSV1>\r\n<BANKMSGSRSV1>\r\n<STMTTRNRS>\r\n";
        out += &(tag("TRNUID", "1") + "<STATUS>\r\n" + &tag("CODE", "0"));
        out += &(tag("SEVERITY", "INFO") + "</STATUS>\r\n<STMTRS>\r\n" + &tag("CURDEF", "CNY"));
        out += &format!("<BANKACCTFROM>\r\n{}", tag("BANKID", "102290000000"));
        out += &tag("ACCTID", crate::BANK_ACCOUNT);
        out += &(tag("ACCTTYPE", "CHECKING") + "</BANKACCTFROM>\r\n<BANKTRANLIST>\r\n");
        out += &tag("DTSTART", &stamp(self.from, 0));
        out += &tag("DTEND", &stamp(self.last, 86_399));
        for line in self.lines {
            out += "<STMTTRN>\r\n";
            out += &tag("TRNTYPE", if line.amount < 0 { "DEBIT" } else { "CREDIT" });
            out += &tag("DTPOSTED", &stamp(line.at.day, line.at.sec));
            out += &(tag("TRNAMT", &yuan(line.amount)) + &tag("FITID", &line.bank_ref));
            if !line.counterparty.is_empty() {
                out += &tag("NAME", line.counterparty);
            }
            out += &(tag("MEMO", &line.memo) + "</STMTTRN>\r\n");
        }
        out += &format!("</BANKTRANLIST>\r\n<LEDGERBAL>\r\n{}", tag("BALAMT", &yuan(self.closing)));
        out += &(tag("DTASOF", &stamp(self.last, 86_399)) + "</LEDGERBAL>\r\n</STMTRS>\r\n");
        out + "</STMTTRNRS>\r\n</BANKMSGSRSV1>\r\n</OFX>\r\n"
    }

    fn mt940(&self) -> String {
        let short = |day: i32| compact_date(day)[2..].to_string();
        let mut out = String::from("{1:F01ICBKCNBJAXXX0000000000}{2:I940SHOPCNBJXXXXN}{4:\r\n");
        let account = crate::BANK_ACCOUNT;
        out += &format!(":20:{}\r\n:25:{account}\r\n:28C:1/1\r\n", compact_date(self.last));
        let (sign, opening) = (side(self.opening), swift(self.opening));
        out += &format!(":60F:{sign}{}CNY{opening}\r\n", short(self.from));
        for line in self.lines {
            let date = short(line.at.day);
            out += &format!(
                ":61:{date}{}{}{}NTRF{}\r\n",
                &date[2..],
                side(line.amount),
                swift(line.amount),
                line.bank_ref,
            );
            out += &format!(":86:?20{}?32{}\r\n", line.memo, line.counterparty);
        }
        let (sign, closing) = (side(self.closing), swift(self.closing));
        out + &format!(":62F:{sign}{}CNY{closing}\r\n-}}\r\n", short(self.last))
    }

    fn camt(&self) -> String {
        let balance = |code: &str, minor: i64, day: i32| {
            let sign = if minor < 0 { "DBIT" } else { "CRDT" };
            format!(
                "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{}</Amt>\
                 <CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{}</Dt></Dt></Bal>\n",
                yuan(minor.abs()),
                date_text(day),
            )
        };
        let (from, last) = (date_text(self.from), date_text(self.last));
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">\n\
             <BkToCstmrStmt>\n<GrpHdr><MsgId>{last}</MsgId><CreDtTm>{last}T23:59:59</CreDtTm>\
             </GrpHdr>\n<Stmt><Id>{last}</Id><CreDtTm>{last}T23:59:59</CreDtTm>\n\
             <FrToDt><FrDtTm>{from}T00:00:00</FrDtTm><ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>\n\
             <Acct><Id><Othr><Id>{}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n",
            crate::BANK_ACCOUNT,
        );
        out += &balance("OPBD", self.opening, self.from);
        out += &balance("CLBD", self.closing, self.last);
        for line in self.lines {
            let day = date_text(line.at.day);
            let mut clock = String::new();
            push_clock(&mut clock, line.at.sec);
            let (sign, party) = if line.amount < 0 { ("DBIT", "Cdtr") } else { ("CRDT", "Dbtr") };
            out += &format!(
                "<Ntry><Amt Ccy=\"CNY\">{}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts>\
                 <BookgDt><DtTm>{day}T{clock}+08:00</DtTm></BookgDt><ValDt><Dt>{day}</Dt></ValDt>\
                 <AcctSvcrRef>{}</AcctSvcrRef><NtryDtls><TxDtls>",
                yuan(line.amount.abs()),
                line.bank_ref,
            );
            if !line.counterparty.is_empty() {
                let name = escaped(line.counterparty);
                out += &format!("<RltdPties><{party}><Nm>{name}</Nm></{party}></RltdPties>");
            }
            let memo = escaped(&line.memo);
            // Writing to a string cannot fail.
            let _ =
                writeln!(out, "<RmtInf><Ustrd>{memo}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>");
        }
        out + "</Stmt>\n</BkToCstmrStmt>\n</Document>\n"
    }
}
