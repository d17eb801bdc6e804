//! What was made from the contract is what would be made from it now, and callers of the contract
//! that was released last are served.
//!
//! `QONDUIT_ACCEPT=1 cargo test -p qonduit-packages --test made` writes the files.

use std::{env, fs};

use qonduit_packages::contract::Contract;
use qonduit_packages::{made, release, root};

#[test]
fn what_was_made_from_the_contract_is_current() {
    let made = made().expect("the contract can be read");
    assert!(made.len() > 5);
    for (file, text) in made {
        if env::var_os("QONDUIT_ACCEPT").is_some() {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
            fs::write(&file, &text).expect("the file can be written");
        }
        let stored = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            stored == text,
            "`{}` is not what follows from wit/; `make accept` writes it",
            file.display()
        );
    }
}

#[test]
fn callers_of_the_released_contract_are_served_or_the_version_has_moved() {
    let new = Contract::read(&root().join("wit")).expect("the contract can be read");
    let (file, old) = release::last(&root().join("wit/released")).expect("a release");
    let broken = release::broken(&old, &new);
    let has_moved = release::has_moved(&old.version(), &new.version()).expect("versions");
    assert!(
        broken.is_empty() || has_moved,
        "callers of `{}` are broken: mend that, or move the version in wit/, or, if this version was \
         released nowhere yet, run `make contract-release`\n{}",
        file.display(),
        broken.join("\n")
    );
    let added = release::added(&old, &new);
    assert!(
        added.is_empty() || old.version() != new.version(),
        "callers of `{}` do not know {added:?}: move the last number of the version in wit/, or, if \
         this version was released nowhere yet, run `make contract-release`",
        file.display()
    );
}

#[test]
fn a_change_that_breaks_a_caller_is_named() {
    let parse = |text: &str| Contract::parse("a.wit", text).expect("WIT");
    let old = parse(OLD);
    let broken = |from: &str, to: &str| {
        assert!(OLD.contains(from));
        release::broken(&old, &parse(&OLD.replace(from, to)))
    };
    assert_eq!(broken("page: u32", "page: u32"), Vec::<String>::new());
    assert_eq!(broken("/// More.", "/// Less."), Vec::<String>::new());
    assert_eq!(
        broken("page: u32", "page: u64"),
        ["`i.r` was `record { page: u32 }` and is `record { page: u64 }`"]
    );
    assert_eq!(
        broken("page: u32", "page: u32, more: u32"),
        ["`i.r` was `record { page: u32 }` and is `record { page: u32, more: u32 }`"]
    );
    assert_eq!(
        broken("one, two", "one, two, three"),
        ["`i.e` was `enum { one, two }` and is `enum { one, two, three }`"]
    );
    assert_eq!(broken("f: func(a: r) -> e;", "").join(""), "`i.f` is gone");
    assert_eq!(
        broken("push: func(a: string)", "push: func(b: string)").join(""),
        "`i.d.push` was `(a: string)` and is `(b: string)`"
    );
    let more = parse(&OLD.replace("f: func", "g: func();\n f: func"));
    assert_eq!(release::broken(&old, &more), Vec::<String>::new());
    assert_eq!(release::added(&old, &more), ["i.g"]);
}

#[test]
fn until_one_the_second_number_tells_of_a_break_and_then_the_first() {
    let moved = |old, new| release::has_moved(old, new).expect("versions");
    assert!(moved("0.1.4", "0.2.0"));
    assert!(!moved("0.1.4", "0.1.5"));
    assert!(moved("0.9.0", "1.0.0"));
    assert!(!moved("1.0.0", "1.1.0"));
    assert!(moved("1.9.3", "2.0.0"));
}

const OLD: &str = "package a:b@0.1.0;
interface i {
  /// More.
  record r { page: u32 }
  enum e { one, two }
  f: func(a: r) -> e;
  resource d { constructor(); push: func(a: string); }
}
world w { export i; }
";
