//! A crate as a tree of modules, without its test modules.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, ItemMod};

use super::workspace::read;

/// The segments of a module's path below its crate; empty for the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModulePath(Vec<String>);

/// One module with the items that it holds itself.
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    /// Test code and child modules are left out.
    pub(crate) items: Vec<Item>,
}

/// A crate with all of its modules.
pub(crate) struct Crate {
    /// The name of the package's folder.
    pub(crate) name: String,
    pub(crate) modules: BTreeMap<ModulePath, Module>,
}

impl ModulePath {
    pub(crate) fn new(segments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    pub(crate) fn segments(&self) -> &[String] {
        &self.0
    }

    pub(crate) fn child(&self, name: &str) -> Self {
        Self::new(self.0.iter().map(String::as_str).chain([name]))
    }

    /// `None` for the root.
    pub(crate) fn parent(&self) -> Option<Self> {
        let (_, parent) = self.0.split_last()?;
        Some(Self(parent.to_vec()))
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}",
            ["crate"]
                .into_iter()
                .chain(self.0.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("::")
        )
    }
}

impl Crate {
    /// Reads the crate whose `lib.rs` or `main.rs` this is.
    pub(crate) fn read(root_file: &Path) -> Self {
        let source = root_file.parent().expect("a file in `src`");
        let package = source.parent().and_then(Path::file_name).expect("a package around `src`");
        Self::load(&package.to_string_lossy(), &|module| {
            let file = match module.segments() {
                [] => root_file.to_owned(),
                segments => source.join(segments.join("/")).with_extension("rs"),
            };
            let text = read(&file);
            (file, text)
        })
    }

    /// A crate from the text of its files, each with the path of its module: `""`, `"a"`, `"a::b"`.
    pub(crate) fn from_texts(name: &str, texts: &[(&str, &str)]) -> Self {
        Self::load(name, &|module| {
            let wanted = module.segments().join("::");
            let text = texts.iter().find(|(module, _)| *module == wanted);
            let (_, text) = text.unwrap_or_else(|| panic!("no text for `{wanted}`"));
            (PathBuf::from(format!("{wanted}.rs")), (*text).to_owned())
        })
    }

    fn load(name: &str, file_of: &dyn Fn(&ModulePath) -> (PathBuf, String)) -> Self {
        let mut found = Self { name: name.to_owned(), modules: BTreeMap::new() };
        found.add_file(ModulePath(Vec::new()), file_of);
        found
    }

    fn add_file(&mut self, path: ModulePath, file_of: &dyn Fn(&ModulePath) -> (PathBuf, String)) {
        let (file, text) = file_of(&path);
        let items = parse(&file, &text).items;
        self.add(path, &file, items, file_of);
    }

    /// Adds a module and, one by one, its children: those with a body here, those in files of their own.
    fn add(
        &mut self,
        path: ModulePath,
        file: &Path,
        items: Vec<Item>,
        file_of: &dyn Fn(&ModulePath) -> (PathBuf, String),
    ) {
        let mut own = Vec::new();
        for item in items.into_iter().filter(|item| !is_test_code(attributes(item))) {
            match item {
                Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) => {
                    self.add(path.child(&ident.to_string()), file, items, file_of);
                }
                Item::Mod(ItemMod { ident, content: None, .. }) => {
                    self.add_file(path.child(&ident.to_string()), file_of);
                }
                item => own.push(item),
            }
        }
        self.modules.insert(path, Module { file: file.to_owned(), items: own });
    }

    pub(crate) fn has(&self, module: &ModulePath) -> bool {
        self.modules.contains_key(module)
    }
}

/// The syntax of one file.
pub(crate) fn parse(file: &Path, text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Whether code is compiled for tests only: `#[cfg(test)]` or `#[cfg(all(test, …))]`.
pub(crate) fn is_test_code(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let mut is_test = false;
        // What is not of this form, such as `any(…)`, is not for tests only.
        let _other = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("all") {
                return meta.parse_nested_meta(|inner| {
                    is_test |= inner.path.is_ident("test");
                    Ok(())
                });
            }
            is_test |= meta.path.is_ident("test");
            Ok(())
        });
        is_test
    })
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

mod examples {
    use super::*;

    fn modules(texts: &[(&str, &str)]) -> Vec<String> {
        Crate::from_texts("it", texts).modules.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn modules_in_files_and_in_braces_are_read() {
        let texts = [("", "mod a; mod b { mod c {} }"), ("a", "mod d;"), ("a::d", "")];
        let expected = ["crate", "crate::a", "crate::a::d", "crate::b", "crate::b::c"];
        assert_eq!(modules(&texts), expected);
    }

    #[test]
    fn test_modules_are_left_out() {
        let text = "#[cfg(test)] mod tests; #[cfg(all(test, unix))] mod more {} \
                    #[cfg(feature = \"x\")] mod x {} #[cfg(not(test))] mod y {}";
        assert_eq!(modules(&[("", text)]), ["crate", "crate::x", "crate::y"]);
    }
}
