//! Finding a matter as people ask for it: by name, by pinyin initials, by plain words.

use crate::{Catalogue, Matter};

/// Longest query that is looked at; the rest is ignored.
const QUERY_CHARS_MAX: usize = 40;

/// Why a matter was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its id, its name, its initials or a plain word exactly.
    Exact,
    /// Name, initials or plain word begin with it.
    Begins,
    /// Name or plain word contain it.
    Contains,
    /// Most of the words asked for occur.
    Alike,
}

#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    pub matter: &'a Matter,
    pub why: Why,
}

/// All matters that fit, best first, equal ones in order of their ids. An empty query finds all.
pub fn find<'a>(catalogue: &'a Catalogue, query: &str) -> Vec<Hit<'a>> {
    let query = normal(query);
    if query.is_empty() {
        return catalogue.matters().iter().map(|matter| Hit { matter, why: Why::Contains }).collect();
    }
    let query = Query { pairs: pairs(&query).collect(), chars: query.chars().count(), text: query };
    let judged = catalogue.matters().iter().zip(&catalogue.names);
    let mut hits: Vec<(Why, u32, &Matter)> =
        judged.filter_map(|(matter, names)| judge(names, &query).map(|(why, lack)| (why, lack, matter))).collect();
    // Loosely alike matters only help when nothing fits better.
    if hits.iter().any(|(why, ..)| *why < Why::Alike) {
        hits.retain(|(why, ..)| *why < Why::Alike);
    }
    hits.sort_by(|a, b| (a.0, a.1, &a.2.id).cmp(&(b.0, b.1, &b.2.id)));
    hits.into_iter().map(|(why, _, matter)| Hit { matter, why }).collect()
}

/// What a matter is called, as it is compared: made once when the catalogue is read.
pub(crate) fn names(matter: &Matter) -> Vec<String> {
    let all = [&matter.name.zh, &matter.name.en, &matter.id].into_iter().chain(&matter.plain).chain(&matter.initials);
    all.map(|name| normal(name)).collect()
}

struct Query {
    text: String,
    chars: usize,
    pairs: Vec<(char, char)>,
}

/// How well the matter fits: the kind of hit, and how much is lacking to a better one of its kind.
fn judge(names: &[String], query: &Query) -> Option<(Why, u32)> {
    names.iter().filter_map(|name| judge_one(name, query)).min()
}

fn judge_one(name: &str, query: &Query) -> Option<(Why, u32)> {
    let asked = query.text.as_str();
    let rest = || name.chars().count().saturating_sub(query.chars) as u32;
    if name == asked {
        return Some((Why::Exact, 0));
    }
    if name.starts_with(asked) {
        return Some((Why::Begins, rest()));
    }
    // Two letters inside initials are chance; two characters inside a name are not.
    if (!asked.is_ascii() || asked.len() >= 4) && name.contains(asked) {
        return Some((Why::Contains, rest()));
    }
    if asked.is_ascii() || name.is_ascii() {
        return None;
    }
    // 我要领高龄津贴: the query holds the plain word.
    if name.chars().nth(1).is_some() && asked.contains(name) {
        return Some((Why::Contains, 100));
    }
    alike(name, query).map(|lack| (Why::Alike, lack))
}

/// Shares of pairs of neighbouring characters: at least half of the query's must occur.
fn alike(name: &str, query: &Query) -> Option<u32> {
    let common = query.pairs.iter().filter(|pair| pairs(name).any(|own| own == **pair)).count();
    (common > 0 && common * 2 >= query.pairs.len()).then(|| (query.pairs.len() - common) as u32)
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

/// Lower case, half width, without spaces and filler words.
fn normal(text: &str) -> String {
    let plain: String = text
        .chars()
        .take(QUERY_CHARS_MAX)
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c => c,
        })
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_lowercase)
        .collect();
    let mut rest = plain.as_str();
    // What people say around the word: 我要办…, …怎么办.
    for filler in ["我要", "我想", "想", "要", "办理", "办"] {
        rest = rest.strip_prefix(filler).filter(|rest| !rest.is_empty()).unwrap_or(rest);
    }
    for filler in ["怎么办", "在哪办", "的", "吗", "呢"] {
        rest = rest.strip_suffix(filler).filter(|rest| !rest.is_empty()).unwrap_or(rest);
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matters_are_found_as_people_ask_for_them() {
        let catalogue = Catalogue::bundled().unwrap();
        for (query, first) in [
            ("gljt", "M09"),
            ("GLJT", "M09"),
            ("ｇｌｊｔ", "M09"),
            ("高龄津贴", "M09"),
            ("领钱的", "M09"),
            ("我要领高龄津贴", "M09"),
            ("高龄 老人", "M09"),
            ("M07", "M07"),
            ("m07", "M07"),
            ("看病的票据", "M07"),
            ("看病报销怎么办", "M07"),
            ("sgbx", "M07"),
            ("养老认证", "M04"),
            ("资格认证", "M04"),
            ("allowance", "M09"),
        ] {
            let hits = find(&catalogue, query);
            let ids: Vec<&str> = hits.iter().map(|hit| hit.matter.id.as_str()).collect();
            assert!(ids.first().is_some_and(|id| *id == first), "{query}: {ids:?}");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_fits_and_everything_where_nothing_is_asked() {
        let catalogue = Catalogue::bundled().unwrap();
        assert!(find(&catalogue, "量子力学").is_empty());
        assert!(find(&catalogue, "zzzz").is_empty());
        assert_eq!(find(&catalogue, "  ").len(), catalogue.matters().len());
        assert!(find(&catalogue, &"长".repeat(10_000)).is_empty());
    }
}
