//! Which module refers to which: by `use`, by a path in code, or by a path in the text of a macro.
//!
//! A path is followed to the module that defines its item, through `use` and `pub use` on the way. Method
//! calls have no path and are not seen; the import of the type that they belong to is.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemUse, Macro, Path, UseTree, Visibility};

use super::modules::{Crate, Module, ModulePath, attributes, is_test_code};

/// Longest chain of imports that is followed from a name to its definition; ends circles of `pub use`.
const HOPS_MAX: usize = 16;

/// A place in the source that needs another module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) from: ModulePath,
    pub(crate) to: ModulePath,
    pub(crate) line: usize,
    /// The path as it is written.
    pub(crate) path: String,
}

/// A path as it is written, with its line.
struct Written {
    segments: Vec<String>,
    line: usize,
    /// A single name in code may be a local variable, so it never stands for a module.
    is_import: bool,
}

/// The names of one module.
#[derive(Default)]
struct Scope {
    /// Paths that names were imported by.
    imported: BTreeMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
    defined: BTreeSet<String>,
}

/// What a path leads to.
enum Target {
    Module(ModulePath),
    /// An item of this module.
    ItemOf(ModulePath),
}

/// The scopes of a crate's modules.
struct Names<'c> {
    tree: &'c Crate,
    scopes: BTreeMap<&'c ModulePath, Scope>,
}

/// Every reference between two different modules of a crate, sorted.
pub(crate) fn references(tree: &Crate) -> Vec<Reference> {
    let scopes = tree.modules.iter().map(|(path, module)| (path, Scope::of(module))).collect();
    let names = Names { tree, scopes };
    let mut found = BTreeSet::new();
    for (from, module) in &tree.modules {
        for written in paths(module) {
            for to in names.modules_behind(from, &written) {
                let (from, path) = (from.clone(), written.segments.join("::"));
                found.insert(Reference { from, to, line: written.line, path });
            }
        }
    }
    found.into_iter().filter(|reference| reference.from != reference.to).collect()
}

/// One path of a `use`.
struct Import {
    path: Vec<String>,
    /// The name that it brings into scope; `None` for `*`.
    name: Option<String>,
    line: usize,
}

impl Scope {
    fn of(module: &Module) -> Self {
        let mut scope = Self::default();
        for item in &module.items {
            match item {
                Item::Use(item) => imports(item).into_iter().for_each(|import| scope.bind(import)),
                item => scope.defined.extend(defined_name(item)),
            }
        }
        scope
    }

    fn bind(&mut self, import: Import) {
        match import.name {
            Some(name) => self.imported.entry(name).or_default().push(import.path),
            None => self.globs.push(import.path),
        }
    }
}

/// The paths of a `use`, braces opened; none if it starts with `::`, which is another crate.
fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        add_imports(&item.tree, &[], &mut found);
    }
    found
}

fn add_imports(tree: &UseTree, before: &[String], found: &mut Vec<Import>) {
    let line = tree.span().start().line;
    let (path, name) = match tree {
        UseTree::Path(path) => {
            let before = [before, &[path.ident.to_string()]].concat();
            return add_imports(&path.tree, &before, found);
        }
        UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| add_imports(tree, before, found));
        }
        UseTree::Name(name) => {
            let path = joined(before, &name.ident);
            let name = path.last().cloned();
            (path, name)
        }
        UseTree::Rename(rename) => (joined(before, &rename.ident), Some(rename.rename.to_string())),
        UseTree::Glob(_) => (before.to_vec(), None),
    };
    found.push(Import { path, name, line });
}

/// The segments of an imported path; a `self` in braces is the path before it.
fn joined(before: &[String], last: &syn::Ident) -> Vec<String> {
    let last = (last != "self" || before.is_empty()).then(|| last.to_string());
    before.iter().cloned().chain(last).collect()
}

fn defined_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

impl Names<'_> {
    /// The module that a path leads to, and those whose imports it leads through, also out of the crate.
    fn modules_behind(&self, from: &ModulePath, written: &Written) -> Vec<ModulePath> {
        let mut hops = Vec::new();
        let is_local = written.segments.len() == 1 && !written.is_import;
        match self.resolve(from, &written.segments, &mut hops) {
            Some(Target::Module(_)) if is_local => hops.clear(),
            Some(Target::Module(to) | Target::ItemOf(to)) => hops.push(to),
            None => {}
        }
        hops
    }

    /// Follows a path that is written in `from`; `None` if it leads out of the crate.
    fn resolve(
        &self,
        from: &ModulePath,
        path: &[String],
        hops: &mut Vec<ModulePath>,
    ) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(ModulePath::new([""; 0]), rest, hops),
            "self" => self.walk(from.clone(), rest, hops),
            "super" => {
                let (mut module, mut rest) = (from.parent()?, rest);
                while let Some((_, after)) = rest.split_first().filter(|(name, _)| *name == "super")
                {
                    (module, rest) = (module.parent()?, after);
                }
                self.walk(module, rest, hops)
            }
            name if self.has_name(from, name) => self.walk(from.clone(), path, hops),
            _ => self.through_globs(from, path, hops),
        }
    }

    /// Follows the segments below a module; what is not found there is taken for an item of it, as a
    /// macro may define it.
    fn walk(
        &self,
        module: ModulePath,
        path: &[String],
        hops: &mut Vec<ModulePath>,
    ) -> Option<Target> {
        let Some((name, rest)) = path.split_first() else { return Some(Target::Module(module)) };
        let child = module.child(name);
        if self.tree.has(&child) {
            return self.walk(child, rest, hops);
        }
        let scope = self.scopes.get(&module)?;
        if scope.defined.contains(name) {
            return Some(Target::ItemOf(module));
        }
        if let Some(imports) = scope.imported.get(name) {
            return self.through_imports(&module, imports, rest, hops);
        }
        let behind_glob = self.through_globs(&module, path, hops);
        Some(behind_glob.unwrap_or(Target::ItemOf(module)))
    }

    /// Follows the first import that stays within the crate.
    fn through_imports(
        &self,
        module: &ModulePath,
        imports: &[Vec<String>],
        rest: &[String],
        hops: &mut Vec<ModulePath>,
    ) -> Option<Target> {
        if hops.len() >= HOPS_MAX {
            return None;
        }
        hops.push(module.clone());
        let found = imports.iter().find_map(|import| self.resolve(module, import, hops))?;
        match found {
            Target::Module(module) => self.walk(module, rest, hops),
            item @ Target::ItemOf(_) => Some(item),
        }
    }

    fn through_globs(
        &self,
        module: &ModulePath,
        path: &[String],
        hops: &mut Vec<ModulePath>,
    ) -> Option<Target> {
        let name = path.first()?;
        let globs = &self.scopes.get(module)?.globs;
        if globs.is_empty() || hops.len() >= HOPS_MAX {
            return None;
        }
        hops.push(module.clone());
        globs.iter().find_map(|glob| match self.resolve(module, glob, hops)? {
            Target::Module(source) if self.has_name(&source, name) => self.walk(source, path, hops),
            Target::Module(_) | Target::ItemOf(_) => None,
        })
    }

    fn has_name(&self, module: &ModulePath, name: &str) -> bool {
        let in_scope =
            |scope: &Scope| scope.defined.contains(name) || scope.imported.contains_key(name);
        self.tree.has(&module.child(name)) || self.scopes.get(module).is_some_and(in_scope)
    }
}

/// Every path of a module's own code.
fn paths(module: &Module) -> Vec<Written> {
    let mut visitor = Paths::default();
    module.items.iter().for_each(|item| visitor.visit_item(item));
    visitor.found
}

#[derive(Default)]
struct Paths {
    found: Vec<Written>,
}

impl Paths {
    /// The paths of unparsed text, such as the arguments of `format!`.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.add_scanned(&mut path, line);
                    }
                    if path.is_empty() {
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                other => {
                    self.add_scanned(&mut path, line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.add_scanned(&mut path, line);
    }

    fn add_scanned(&mut self, path: &mut Vec<String>, line: usize) {
        let segments = std::mem::take(path);
        if !segments.is_empty() {
            self.found.push(Written { segments, line, is_import: false });
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test_code(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test_code(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.found.extend(imports(item).into_iter().map(|import| Written {
            segments: import.path,
            line: import.line,
            is_import: true,
        }));
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let line = path.span().start().line;
            self.found.push(Written { segments, line, is_import: false });
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.visit_path(&item.path);
        self.scan(item.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

mod examples {
    use super::*;

    /// What module `a` refers to, in a crate of these modules and a root with this text.
    #[track_caller]
    fn check_below(root: &str, a: &str, others: &[(&str, &str)], expected: &[&str]) {
        let declared: String =
            others.iter().map(|(name, _)| ["mod ", name, ";"].concat()).collect();
        let root = ["mod a;", &declared, root].concat();
        let texts = [&[("", root.as_str()), ("a", a)], others].concat();
        let found = references(&Crate::from_texts("it", &texts));
        let from_a = found.iter().filter(|one| one.from == ModulePath::new(["a"]));
        let found: BTreeSet<String> = from_a.map(|reference| reference.to.to_string()).collect();
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{a}");
    }

    #[track_caller]
    fn check(a: &str, others: &[(&str, &str)], expected: &[&str]) {
        check_below("", a, others, expected);
    }

    #[test]
    fn imports_are_seen_in_every_spelling() {
        for import in [
            "use crate::b::B;",
            "use super::b::B;",
            "use crate::{b::{B}};",
            "use crate::b::{self, other::C};",
            "use crate::b as c;",
            "pub(crate) use super::b::*;",
            "fn f() { use crate::b::B; }",
        ] {
            check(import, &[("b", "pub struct B;")], &["crate::b"]);
        }
    }

    #[test]
    fn paths_in_code_types_and_macros_are_seen() {
        for code in [
            "fn f() { crate::b::g(); }",
            "fn f(_: Vec<super::b::B>) {}",
            "impl crate::b::T for X {}",
            "fn f() { println!(\"{}\", crate::b::g()); }",
            "fn f() { matches!(x, Some(super::b::B { .. })); }",
        ] {
            check(code, &[("b", "")], &["crate::b"]);
        }
    }

    #[test]
    fn a_name_is_followed_to_the_module_that_defines_it() {
        let b = ("b", "pub use crate::c::C;");
        check("use crate::b::C;", &[b, ("c", "pub struct C;")], &["crate::b", "crate::c"]);
        check("use crate::b::C;", &[("b", "pub use other::C;")], &["crate::b"]);
        let (root, c) = ("pub use c::C;", ("c", "pub struct C;"));
        check_below(root, "use super::C;", &[c], &["crate", "crate::c"]);
        check_below(root, "use super::*; fn f(_: C) {}", &[c], &["crate", "crate::c"]);
        check(
            "use crate::b; fn f() { b::d::g(); }",
            &[("b", "mod d {}")],
            &["crate::b", "crate::b::d"],
        );
    }

    #[test]
    fn other_crates_locals_and_test_code_are_not_seen() {
        check("use std::fmt; use ::b::B; fn f() { fmt::d(); }", &[("b", "")], &[]);
        check("use super::*; fn f(b: u8) -> u8 { b }", &[("b", "")], &["crate"]);
        check(
            "#[cfg(test)] use crate::b::B; #[cfg(test)] fn f() { crate::b::g(); }",
            &[("b", "")],
            &[],
        );
        check("pub(in crate::a) fn f() {}", &[("b", "")], &[]);
    }

    #[test]
    fn a_circle_of_imports_ends() {
        check("pub use crate::b::X;", &[("b", "pub use crate::a::X;")], &["crate::b"]);
    }
}
