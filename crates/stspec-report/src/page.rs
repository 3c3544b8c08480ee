//! What all HTML pages share.
//!
//! `maud` escapes every value. `PreEscaped` is for the document type, style sheets and scripts of this crate only.

use maud::{Markup, PreEscaped, Render, html};

use crate::text::long_line;

/// The style of all pages, light or dark like the reader's system.
const STYLE: &str = include_str!("html/style.css");

/// A page that loads nothing.
pub(crate) struct Page<'a> {
    /// The title, which is also the heading.
    pub(crate) title: &'a str,
    /// The style sheet that the page has beside [`STYLE`].
    pub(crate) style: &'static str,
    /// The script; `None` if the page has none, in which case the browser runs none.
    pub(crate) script: Option<&'static str>,
    /// What follows the heading.
    pub(crate) body: Markup,
}

impl Page<'_> {
    /// Writes the page.
    pub(crate) fn into_string(self) -> String {
        let Page { title, style, script, body } = self;
        let title = Shown(title);
        let page = html! {
            (PreEscaped("<!doctype html>\n"))
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(policy(script));
                    title { (title) }
                    style { "\n" (PreEscaped(STYLE)) (PreEscaped(style)) }
                }
                "\n"
                body {
                    h1 { (title) } "\n"
                    (body)
                    @if let Some(script) = script { script { "\n" (PreEscaped(script)) } "\n" }
                }
            }
            "\n"
        };
        page.into_string()
    }
}

/// What a browser may do with the page: show it, and run the script if it has one.
fn policy(script: Option<&str>) -> &'static str {
    match script {
        None => "default-src 'none'; style-src 'unsafe-inline'",
        Some(_) => "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
    }
}

/// A value in one line, escaped.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl Render for Shown<'_> {
    fn render_to(&self, buffer: &mut String) {
        long_line(self.0).render_to(buffer);
    }
}

/// Labels with their values.
pub(crate) fn facts(facts: &[(&str, String)]) -> Markup {
    html! {
        dl {
            @for (label, value) in facts { dt { (label) } dd { (Shown(value)) } "\n" }
        }
        "\n"
    }
}

/// The head of a table.
pub(crate) fn columns(names: &[&str]) -> Markup {
    html! {
        thead { tr { @for name in names { th scope="col" { (Shown(name)) } } } } "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_markup() {
        let shown = html! { p title=(Shown("\"><b>")) { (Shown("<b>'&\n\u{1b}\u{fffe}")) } };
        let expected = "<p title=\"&quot;&gt;&lt;b&gt;\">&lt;b&gt;'&amp;\\n\\u{1b}\\u{fffe}</p>";
        assert_eq!(shown.into_string(), expected);
    }

    #[test]
    fn a_page_without_a_script_may_run_none() {
        let page = |script| Page { title: "t", style: "", script, body: html! {} }.into_string();
        assert!(!page(None).contains("script"));
        assert!(page(Some("1;")).contains("script-src 'unsafe-inline'"));
    }
}
