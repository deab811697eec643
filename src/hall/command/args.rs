//! Arguments of the command line: words, then `--name value` or `--switch`.

use std::collections::BTreeMap;

use super::Failure;

/// What stood on the command line after the command's own words.
#[derive(Debug, Default)]
pub struct Args {
    words: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
    switches: Vec<String>,
}

impl Args {
    /// Takes options named in `values` (each with a value) and `switches` (without one); anything else
    /// that begins with `--` is refused, so that a slip of the pen never passes for a default.
    ///
    /// # Errors
    /// `unknown-option`, `value-missing`.
    pub fn parse(raw: &[String], values: &[&str], switches: &[&str]) -> Result<Self, Failure> {
        let mut args = Self::default();
        let mut raw = raw.iter();
        while let Some(word) = raw.next() {
            let Some(name) = word.strip_prefix("--") else {
                args.words.push(word.clone());
                continue;
            };
            let (name, inline) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
            if inline.is_none() && switches.contains(&name) {
                args.switches.push(name.to_owned());
            } else if values.contains(&name) {
                let missing = || Failure::usage("value-missing").with("option", format!("--{name}"));
                let value = inline.or_else(|| raw.next().cloned()).ok_or_else(missing)?;
                args.values.entry(name.to_owned()).or_default().push(value);
            } else {
                return Err(Failure::usage("unknown-option").with("option", word.clone()));
            }
        }
        Ok(args)
    }

    /// The words that are no options.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    pub fn switch(&self, name: &str) -> bool {
        self.switches.iter().any(|given| given == name)
    }

    /// Every value of an option that may stand several times.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of an option; given twice it is refused.
    ///
    /// # Errors
    /// `option-twice`.
    pub fn maybe(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.all(name) {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Failure::usage("option-twice").with("option", format!("--{name}"))),
        }
    }

    /// # Errors
    /// `option-missing`.
    pub fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.maybe(name)?.ok_or_else(|| Failure::usage("option-missing").with("option", format!("--{name}")))
    }

    /// # Errors
    /// `too-many-words` when words are left that mean nothing.
    pub fn no_words(&self) -> Result<(), Failure> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(Failure::usage("too-many-words").with("word", word.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Args, Failure> {
        let raw: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Args::parse(&raw, &["dir", "name"], &["json"])
    }

    #[test]
    fn options_are_taken_in_any_order_and_slips_are_refused() {
        let args = parse("M09 --json --name=a --dir x").unwrap();
        assert_eq!((args.words(), args.switch("json")), (&["M09".to_owned()][..], true));
        assert_eq!((args.needed("name").unwrap(), args.maybe("dir").unwrap()), ("a", Some("x")));
        for (text, code) in [("--jsom", "unknown-option"), ("--json=1", "unknown-option"), ("--dir", "value-missing")] {
            assert_eq!(parse(text).unwrap_err().code(), code, "{text}");
        }
        assert_eq!(parse("--dir a --dir b").unwrap().maybe("dir").unwrap_err().code(), "option-twice");
        assert_eq!(parse("").unwrap().needed("dir").unwrap_err().code(), "option-missing");
        assert_eq!(parse("x").unwrap().no_words().unwrap_err().code(), "too-many-words");
    }
}
