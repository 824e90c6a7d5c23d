//! Each rule, shown a tree that breaks it and one that does not; and the clone itself.

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(path, text)| ((*path).into(), (*text).into()));
    Tree { files: files.collect() }
}

/// What `rule` says about a tree, as `path:line`, other rules left out.
fn complaints(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    let found = check_with(&tree(files), &[]);
    found.into_iter().filter(|f| f.rule == rule).map(|f| format!("{}:{}", f.path, f.line)).collect()
}

#[track_caller]
fn breaks(rule: &str, path: &str, text: &str) {
    assert!(!complaints(rule, &[(path, text)]).is_empty(), "{rule} accepts {path}: {text}");
}

#[track_caller]
fn keeps(rule: &str, path: &str, text: &str) {
    assert_eq!(complaints(rule, &[(path, text)]), Vec::<String>::new(), "{text}");
}

#[test]
fn this_clone_keeps_the_house_rules() {
    let tree = Tree::read(&crate::places::root()).unwrap();
    let findings: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn crates_depend_in_one_direction_only() {
    let domain = "crates/domain/Cargo.toml";
    breaks("edge", domain, "[dependencies]\nserde.workspace = true\n");
    breaks("edge", domain, "[dependencies]\ntokio = { workspace = true }\n");
    breaks("edge", "crates/store/Cargo.toml", "[dependencies]\nconnectors.workspace = true\n");
    breaks("edge", "crates/store/Cargo.toml", "[dependencies.connectors]\nworkspace = true\n");
    breaks("edge", "src-tauri/Cargo.toml", "[dependencies]\nsuanpan-store.workspace = true\n");
    breaks("edge", "crates/practice/Cargo.toml", "[dependencies]\ndomain.workspace = true\n");
    breaks("edge", "crates/backoffice/Cargo.toml", "[dependencies]\nxtask.workspace = true\n");
    breaks("edge", "crates/cli/Cargo.toml", "[dependencies]\nstore.workspace = true\n");
    breaks("edge", "crates/cli/Cargo.toml", "[dependencies]\nd = { package = \"suanpan-domain\" }");
    keeps(
        "edge",
        domain,
        "[dependencies]\nthiserror.workspace = true\n[dev-dependencies]\nx = \"1\"",
    );
    keeps(
        "edge",
        "crates/backoffice/Cargo.toml",
        "[dev-dependencies]\npractice.workspace = true\n",
    );
}

#[test]
fn heavy_crates_stay_with_their_owner() {
    breaks("fence", "crates/backoffice/Cargo.toml", "[dependencies]\nsqlx.workspace = true\n");
    breaks("fence", "crates/backoffice/Cargo.toml", "[dependencies]\ntauri = \"2\"\n");
    keeps("fence", "crates/store/Cargo.toml", "[dependencies]\nsqlx.workspace = true\n");
}

#[test]
fn sockets_clocks_and_sql_have_one_home() {
    let socket = "use std::net::TcpStream;\n";
    breaks("import", "crates/connectors/src/alipay.rs", socket);
    keeps("import", "crates/connectors/src/transport.rs", socket);
    breaks("import", "crates/domain/src/a.rs", "let now = SystemTime::now();\n");
    breaks("import", "crates/domain/src/a.rs", "pub async fn a() {}\n");
    breaks("import", "crates/backoffice/src/a.rs", "use sqlx::Row;\n");
    keeps("import", "crates/backoffice/src/a.rs", "let now = SystemTime::now();\n");
    keeps("import", "crates/domain/src/a.rs", "// Not SystemTime::now(): the caller says when.\n");
}

#[test]
fn one_file_of_the_interface_talks_to_the_window() {
    let call = "import { invoke } from \"@tauri-apps/api/core\";\n";
    breaks("ui-import", "ui/src/lib/payouts/Payouts.svelte", call);
    keeps("ui-import", "ui/src/lib/ipc/client.ts", call);
}

#[test]
fn areas_of_the_interface_do_not_know_each_other() {
    let page = "ui/src/lib/payouts/Payouts.svelte";
    breaks("ui-import", page, "import A from \"$lib/breaks/A.svelte\";\n");
    breaks("ui-import", page, "import A from '../breaks/A.svelte';\n");
    breaks(
        "ui-import",
        "ui/src/lib/shared/Table.svelte",
        "import { a } from \"$lib/ipc/client\";\n",
    );
    keeps(
        "ui-import",
        page,
        "import { a } from \"$lib/ipc/client\";\nimport B from \"./B.svelte\";\n",
    );
    keeps("ui-import", "ui/src/routes/Home.svelte", "import A from \"$lib/breaks/A.svelte\";\n");
}

#[test]
fn lines_fit_a_hundred_columns_counted_in_characters() {
    breaks("long-line", "crates/a/src/a.rs", &"x".repeat(101));
    keeps("long-line", "crates/a/src/a.rs", &"算".repeat(100));
    keeps("long-line", "ui/src/lib/ipc/bindings/A.ts", &"x".repeat(101));
    let row = format!("    let row = \"{}\";", "1,".repeat(50));
    breaks("long-line", "crates/a/src/a.rs", &row);
    keeps("long-line", "crates/a/src/a.rs", &format!("mod tests {{\n{row}\n}}"));
}

#[test]
fn nothing_of_the_workbench_stays_behind() {
    for left in ["dbg!(x);", "todo!()", "unimplemented!()", "#[ignore]", "// TODO later"] {
        breaks("leftover", "crates/a/src/a.rs", left);
    }
    breaks("leftover", "ui/src/a.ts", "console.log(1);");
    breaks("leftover", "ui/src/a.test.ts", "it.only(\"x\", () => {});");
    keeps("leftover", "crates/a/tests/a.rs", "#[ignore = \"runs inside a session\"]");
    keeps("leftover", "crates/a/src/a.rs", "words.iter().skip(1)");
}

#[test]
fn large_files_are_split_and_their_tests_do_not_count() {
    let long = "x\n".repeat(601);
    breaks("large-file", "crates/a/src/a.rs", &long);
    keeps("large-file", "crates/a/src/a/tests.rs", &long);
    let tests = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    keeps("large-file", "crates/a/src/a.rs", &tests);
}

#[test]
fn money_crates_have_no_floats() {
    breaks("float", "crates/store/src/a.rs", "let x: f64 = 1.0;");
    keeps("float", "crates/store/src/a.rs", "// An f64 would lose the last fen.\nlet af64 = 1;");
    keeps("float", "crates/documents/src/layout.rs", "let x: f32 = 1.0;");
}

#[test]
fn nobody_steps_around_the_compiler() {
    breaks("unsafe", "crates/store/src/a.rs", "    unsafe { go() }");
    keeps("unsafe", "crates/store/src/a.rs", "#![forbid(unsafe_code)]");
}

#[test]
fn the_interface_computes_no_money() {
    let page = "ui/src/lib/payouts/Payouts.svelte";
    breaks("ui-money", page, "const left = paid.amountMinor - feeMinor;");
    breaks("ui-money", page, "const yuan = payout.amountMinor / 100;");
    breaks("ui-money", page, "total += row.amountMinor * 2;");
    keeps("ui-money", page, "if (payout.amountMinor < 0) return;");
    keeps("ui-money", page, "show(payout.unexplainedMinor); // minor / 100 is done in the core");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let one = ("migrations/sqlite/0001_book.sql", "");
    let two = ("migrations/postgres/0002_more.sql", "");
    let twin = ("migrations/postgres/0001_book.sql", "");
    let again = ("migrations/sqlite/0001_again.sql", "");
    assert_eq!(complaints("migration", &[one, two]).len(), 2);
    assert_eq!(complaints("migration", &[one, twin]).len(), 0);
    assert_eq!(complaints("migration", &[one, twin, again]).len(), 1);
}

#[test]
fn every_text_exists_in_both_languages() {
    let zh = ("crates/messages/pay.zh.json", r#"{"payout": {"paid": "到账", "late": "晚到"}}"#);
    let en = ("crates/messages/pay.en.json", r#"{"payout": {"paid": "paid", "late": " "}}"#);
    assert_eq!(complaints("message", &[zh, en]), ["crates/messages/pay.en.json:0"]);
    assert_eq!(complaints("message", &[zh]), ["crates/messages/pay.zh.json:0"]);
    let whole = ("crates/messages/pay.en.json", r#"{"payout": {"paid": "paid", "late": "late"}}"#);
    assert_eq!(complaints("message", &[zh, whole]).len(), 0);
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    for home in ["home/li", "root"] {
        breaks("machine-path", "docs/a.md", &format!("see /{home}/books"));
        breaks("machine-path", "docs/a.md", &format!("see `/{home}/books`"));
    }
    keeps("machine-path", "docs/a.md", "https://example.com/home/page and $HOME/.local");
}

#[test]
fn dependencies_come_from_the_public_registries() {
    let npm = "      \"resolved\": \"https://mirror.example/svelte.tgz\",";
    breaks("registry", "ui/package-lock.json", npm);
    breaks("registry", "Cargo.lock", "source = \"registry+https://mirror.example/index\"");
    breaks("registry", "ui/.npmrc", "registry=https://mirror.example");
    let ours = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    keeps("registry", "Cargo.lock", ours);
}

#[test]
fn the_readme_shows_both_commands() {
    breaks("document", "README.md", "make run");
    let missing = complaints("document", &[("README.md", "make run, make test")]);
    assert!(missing.contains(&"CHANGELOG.md:0".to_owned()));
    assert!(!missing.contains(&"README.md:0".to_owned()));
}

#[test]
fn an_exception_that_covers_nothing_is_itself_reported() {
    let allowed = [Allowed { rule: "float", path: "crates/store/src/a.rs", reason: "a page size" }];
    let bad = tree(&[("crates/store/src/a.rs", "let x: f64 = 1.0;")]);
    let good = tree(&[("crates/store/src/a.rs", "")]);
    let of = |tree: &Tree, rule: &str| {
        check_with(tree, &allowed).iter().filter(|f| f.rule == rule).count()
    };
    assert_eq!((of(&bad, "float"), of(&bad, "exception")), (0, 0));
    assert_eq!((of(&good, "float"), of(&good, "exception")), (0, 1));
}
