//! Functions and files stay within a reader's reach. Test code is left out.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, FnArg, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, Meta, Pat, Signature,
    TraitItemFn, Type, Visibility,
};

use super::modules::{attributes, is_test_code, parse};
use super::workspace::{Source, assert_none, sources};

/// The median function is shorter, in lines from its `fn` to its closing brace.
const MEDIAN_LINES: usize = 10;

/// Longest function, in the same lines.
const FUNCTION_LINES_MAX: usize = 70;

/// Longest file, in lines.
const FILE_LINES_MAX: usize = 600;

/// What one file holds.
#[derive(Default)]
struct Sizes {
    functions: Vec<Function>,
    /// Lines that are compiled for tests only.
    test_lines: usize,
    findings: Vec<(usize, String)>,
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

impl Sizes {
    fn of(source: &Source) -> Self {
        let mut sizes = Self::default();
        sizes.visit_file(&parse(&source.path, &source.text));
        sizes
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let name = signature.ident.to_string();
        let (line, end) = (signature.span().start().line, body.span().end().line);
        self.functions.push(Function { name, line, lines: end - line + 1 });
    }

    fn skip(&mut self, span: Span) {
        self.test_lines += span.end().line - span.start().line + 1;
    }

    /// Tuples hide parameters from clippy's `too_many_arguments`.
    fn check_parameters(&mut self, signature: &Signature) {
        let typed = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        for typed in
            typed.filter(|typed| is_tuple(&typed.ty) || matches!(*typed.pat, Pat::Tuple(_)))
        {
            let line = typed.span().start().line;
            self.findings.push((line, format!("`{}` takes a tuple", signature.ident)));
        }
    }
}

impl<'ast> Visit<'ast> for Sizes {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test_code(attributes(item)) {
            self.skip(item.span());
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        visit::visit_item_mod(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
        if is_visible(&item.vis) {
            self.check_parameters(&item.sig);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if is_test_code(&item.attrs) {
            return self.skip(item.span());
        }
        self.function(&item.sig, &item.block);
        if is_visible(&item.vis) {
            self.check_parameters(&item.sig);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        self.check_parameters(&item.sig);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        visit::visit_item_impl(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_lint = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        if let (true, Meta::List(list)) = (is_lint, &attribute.meta)
            && list.tokens.to_string().contains("too_many_arguments")
        {
            let line = attribute.span().start().line;
            self.findings.push((line, "dodges `too_many_arguments`".to_owned()));
        }
    }
}

fn is_tuple(parameter: &Type) -> bool {
    match parameter {
        Type::Reference(reference) => is_tuple(&reference.elem),
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        _ => false,
    }
}

fn is_visible(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

/// One line for everything in a file that is too long or hides its parameters.
fn findings(source: &Source) -> Vec<String> {
    let sizes = Sizes::of(source);
    let mut found = sizes.findings;
    let long = sizes.functions.iter().filter(|function| function.lines > FUNCTION_LINES_MAX);
    found.extend(long.map(|function| {
        (function.line, format!("`{}` has {} lines", function.name, function.lines))
    }));
    let lines = source.text.lines().count() - sizes.test_lines;
    if lines > FILE_LINES_MAX {
        found.push((1, format!("the file has {lines} lines")));
    }
    found.sort();
    found.into_iter().map(|(line, what)| format!("{}:{line}: {what}", source.shown())).collect()
}

/// The length that half of all functions don't reach.
fn median(mut lengths: Vec<usize>) -> usize {
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or_default()
}

#[test]
fn functions_and_files_stay_within_a_readers_reach() {
    let sources = sources();
    let found: Vec<String> = sources.iter().flat_map(findings).collect();
    assert_none("sizes", &found);
}

#[test]
fn the_median_function_stays_short() {
    let lengths =
        |source: &Source| Sizes::of(source).functions.into_iter().map(|function| function.lines);
    let lengths: Vec<usize> = sources().iter().flat_map(lengths).collect();
    let count = lengths.len();
    let median = median(lengths);
    assert!(count > 1000, "only {count} functions are found");
    assert!(median < MEDIAN_LINES, "the median of {count} functions is {median} lines");
}

mod examples {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(findings(&Source::new("a.rs", text)), expected);
    }

    #[test]
    fn a_function_has_seventy_lines_at_most() {
        let function = |lines: usize| format!("fn f() {{{}}}", "\n".repeat(lines - 1));
        check(&function(70), &[]);
        check(&function(71), &["a.rs:1: `f` has 71 lines"]);
        check(
            &format!("struct X;\nimpl X {{\n{}\n}}", function(71)),
            &["a.rs:3: `f` has 71 lines"],
        );
        check(&format!("#[cfg(test)]\nmod tests {{ {} }}", function(71)), &[]);
    }

    #[test]
    fn a_file_has_six_hundred_lines_at_most_without_its_tests() {
        check(&"\n".repeat(600), &[]);
        check(&"\n".repeat(601), &["a.rs:1: the file has 601 lines"]);
        check(&format!("{}#[cfg(test)]\nmod tests {{\n\n}}", "\n".repeat(600)), &[]);
    }

    #[test]
    fn a_visible_function_takes_no_tuple() {
        let tuple = ["a.rs:1: `f` takes a tuple"];
        check("pub fn f((a, b): (u8, u8)) {}", &tuple);
        check("impl X { pub(super) fn f(&self, pair: &(u8, u8)) {} }", &tuple);
        check("trait T { fn f(&self, pair: (u8, u8)); }", &tuple);
        check("pub fn f(Pair(a, b): Pair) {}", &[]);
        check("pub fn f(pairs: &[(u8, u8)], unit: ()) {}", &[]);
        check("fn f((a, b): (u8, u8)) {}", &[]);
        check("impl T for X { fn f(&self, pair: (u8, u8)) {} }", &[]);
    }

    #[test]
    fn the_lint_for_many_arguments_is_not_dodged() {
        let dodged = ["a.rs:1: dodges `too_many_arguments`"];
        check("#[expect(clippy::too_many_arguments, reason = \"…\")] fn f() {}", &dodged);
        check("impl X { #[allow(clippy::too_many_arguments)] fn f() {} }", &dodged);
        check("#[expect(clippy::too_many_lines, reason = \"…\")] fn f() {}", &[]);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![9, 1, 30]), 9);
        assert_eq!(median(vec![9, 1, 30, 12]), 12);
    }

    #[test]
    fn lengths_count_from_the_signature_to_the_brace() {
        let text = "/// Doc.\n#[must_use]\npub fn f(\n) {\n}\nfn g() {}";
        let sizes = Sizes::of(&Source::new("a.rs", text));
        let lengths: Vec<usize> = sizes.functions.iter().map(|function| function.lines).collect();
        assert_eq!(lengths, [3, 1]);
    }
}
