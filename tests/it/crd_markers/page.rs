//! The tables of the page, rendered from the rows.

use super::{Row, Table, tables};

const PAGE: &str = "docs/crd-markers.md";

/// Where what stands on a spec or a kind has its place.
const SPEC: &str = "pub struct MyAppSpec {";

#[test]
fn the_page_has_the_rows_of_the_tests() {
    let mut page = std::fs::read_to_string(PAGE).unwrap();
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    for table in tables() {
        let wanted = rendered(&table);
        let (before, found, after) = parts(&page, &table.heading);
        if update {
            page = format!("{before}\n{wanted}\n{after}");
        } else {
            let help = "UPDATE_SNAPSHOTS=1 cargo test --test it crd_markers";
            assert_eq!(found, wanted, "`{}`\nhelp: {help}", table.heading);
        }
    }
    if update {
        std::fs::write(PAGE, page).unwrap();
    }
}

/// The page up to the end of a heading's line, what stands below it, and the rest from the
/// next heading on.
fn parts<'a>(page: &'a str, heading: &str) -> (&'a str, &'a str, &'a str) {
    let line = format!("\n## {heading}\n");
    let start = page.find(&line);
    let start = start.unwrap_or_else(|| panic!("{PAGE} has no `## {heading}`"));
    let (before, rest) = page.split_at(start + line.len());
    let end = rest.find("\n## ").unwrap_or(rest.len());
    let (body, after) = rest.split_at(end);
    (before, body.trim(), after)
}

fn rendered(table: &Table) -> String {
    let mut text = "| controller-gen | Rust | In the CRD |\n|---|---|---|\n".to_owned();
    for row in &table.rows {
        let markers: Vec<String> = row.keys("marker").map(code).collect();
        let [markers, answer, yaml] = [
            markers.join("<br>"),
            answer(row),
            lines(row.section("yaml")),
        ];
        text += format!("| {markers} | {answer} | {yaml}").trim_end();
        text += " |\n";
    }
    let notes: Vec<&str> = table.rows.iter().flat_map(|row| row.keys("note")).collect();
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        text += "- ";
        text += note;
        text.push('\n');
    }
    text.trim_end().to_owned()
}

fn answer(row: &Row) -> String {
    if let Some(answer) = row.key("answer") {
        return answer.replace('|', "\\|");
    }
    let shown = row.key("show").unwrap_or("rust").split(", ");
    let cells = shown.map(|section| match section {
        "project" => format!(
            "in PROJECT, `api` of the version:<br>{}",
            lines(row.section(section))
        ),
        "rust spec" | "rust kind" => {
            format!("{}<br>{}", lines(row.section(section)), code(SPEC))
        }
        _ => lines(row.section(section)),
    });
    cells.collect::<Vec<_>>().join("<br>")
}

/// Lines of code in one cell.
fn lines(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(code).collect::<Vec<_>>().join("<br>")
}

fn code(line: &str) -> String {
    let line = line.replace('|', "\\|");
    match line.contains('`') {
        true => format!("`` {line} ``"),
        false => format!("`{line}`"),
    }
}
