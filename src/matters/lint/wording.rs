//! 兜底条款和模糊条款 (policy §三): wording that lets an office ask for more than it says.

use toml::de::DeTable;

use super::lines::{Index, walk};
use crate::CatalogueFault;

/// Longest label of a field that still fits beside its box.
const LABEL_CHARS_MAX: usize = 12;

/// Every text of the file: both languages there, each in its own script, nothing vague.
pub(super) fn check(index: &Index<'_>, table: &DeTable<'_>, faults: &mut Vec<CatalogueFault>) {
    walk(table, &mut |path, _, value| {
        let Some(words) = value.as_table() else { return };
        let text = |key: &str| words.get(key).map(|value| value.get_ref().as_str().unwrap_or("").trim());
        let (zh, en) = match (text("zh"), text("en")) {
            (None, None) => return,
            (zh, en) => (zh.unwrap_or(""), en.unwrap_or("")),
        };
        let mut fault = |code: &'static str, detail: String| faults.push(index.fault(path, code, detail));
        if zh.is_empty() || en.is_empty() {
            fault("words_empty", path.to_owned());
            return;
        }
        let sample = path.ends_with(".sample");
        if !sample && !zh.chars().any(is_han) {
            fault("words_not_chinese", zh.to_owned());
        }
        if en.chars().any(is_han) {
            fault("words_not_english", en.to_owned());
        }
        if sample {
            return;
        }
        if let Some(found) = vague_chinese(zh) {
            fault("wording_vague", format!("{found} — {zh}"));
        }
        if let Some(found) = vague_english(en) {
            fault("wording_vague_english", format!("{found} — {en}"));
        }
        let label = path.strip_suffix(".label").is_some_and(|owner| !owner.ends_with(']'));
        if label && zh.chars().count() > LABEL_CHARS_MAX {
            fault("label_long", zh.to_owned());
        }
    });
}

fn is_han(c: char) -> bool {
    matches!(c as u32, 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x2_0000..=0x3_ffff)
}

/// Phrases that say nothing wherever they stand.
const PHRASES: [&str; 45] = [
    "按规定",
    "按照规定",
    "按有关",
    "按照有关",
    "按要求",
    "按照要求",
    "按政策",
    "符合规定",
    "符合政策",
    "规定的条件",
    "规定的材料",
    "依规",
    "视情况",
    "视情",
    "视具体",
    "酌情",
    "适当",
    "若干",
    "尽快",
    "根据情况",
    "根据需要",
    "根据实际",
    "按实际情况",
    "依实际情况",
    "结合实际",
    "具体情况",
    "实际情况确定",
    "必要时",
    "如有需要",
    "如需",
    "原则上",
    "一般情况下",
    "特殊情况",
    "特殊情形",
    "认为需要",
    "认为必要",
    "认为有必要",
    "要求的材料",
    "要求的证明",
    "要求提供的",
    "需要提供的",
    "相应材料",
    "相应的材料",
    "相应证明",
    "诸如",
];

/// The characters with which the phrases begin.
const PHRASE_HEADS: [char; 23] = [
    '一', '依', '具', '原', '如', '实', '尽', '必', '按', '根', '特', '相', '符', '结', '若', '要', '规', '视', '认', '诸', '适',
    '酌', '需',
];

/// Nouns that turn 相关, 有关, 其他 and a list's 等 into a door without a frame.
const CATCH_ALL: [&str; 27] = [
    "证明", "材料", "部门", "规定", "手续", "文件", "资料", "证件", "要求", "条件", "人员", "单位", "政策", "情况", "情形",
    "凭证", "事项", "原因", "方式", "费用", "法律", "法规", "机构", "内容", "需要", "相关", "有关",
];

/// What 其他 may not end in.
const PAPERS: [&str; 9] = ["材料", "证明", "文件", "手续", "资料", "情形", "条件", "事项", "凭证"];

/// Words that hold 等 as a part of themselves.
const WORDS_WITH_DENG: [&str; 33] = [
    "等级", "等次", "等候", "等待", "等于", "等额", "等值", "等同", "等价", "等效", "等比", "等分", "等距", "等温", "高等",
    "中等", "初等", "平等", "同等", "均等", "相等", "对等", "优等", "特等", "头等", "上等", "下等", "一等", "二等", "三等",
    "不等", "稍等", "何等",
];

/// After these 等 is the verb "to wait".
const BEFORE_WAITING: [char; 14] = ['请', '再', '要', '需', '先', '只', '就', '别', '还', '用', '能', '中', '心', '必'];

/// The vague piece of a Chinese text. 等 and 其他 are refused where they end or open a list, not
/// inside words and not where 等 means waiting.
pub fn vague_chinese(text: &str) -> Option<&'static str> {
    for (i, _) in text.char_indices().filter(|(_, c)| PHRASE_HEADS.contains(c)) {
        if let Some(phrase) = PHRASES.iter().find(|phrase| text[i..].starts_with(**phrase)) {
            return Some(phrase);
        }
    }
    for word in ["相关", "有关"] {
        for (i, _) in text.match_indices(word) {
            if opens_catch_all(&text[i + word.len()..]) {
                return Some(word);
            }
        }
    }
    for word in ["其他", "其它", "其余"] {
        for (i, _) in text.match_indices(word) {
            let (before, after) = (&text[..i], &text[i + word.len()..]);
            // 其他能证明身份的材料: however long the clause, it ends in a paper that nobody named.
            let clause = after.split(|c: char| !is_han(c) && !c.is_alphanumeric()).next().unwrap_or("");
            let unnamed = PAPERS.iter().any(|noun| clause.ends_with(noun)) && !before.ends_with(['有', '无', '不', '交', '由']);
            let alone = ends_clause(before) && ends_clause_at_start(after);
            let lists = before.ends_with(['、', '和', '及', '或', '与']);
            let catches = opens_catch_all(after.trim_start_matches('的'));
            if alone || catches || unnamed || (lists && ends_clause_at_start(after)) {
                return Some(word);
            }
        }
    }
    text.match_indices('等').find(|(i, _)| ends_list(text, *i)).map(|_| "等")
}

/// Does this 等 end a list?
fn ends_list(text: &str, at: usize) -> bool {
    let inside_word = WORDS_WITH_DENG.iter().any(|word| {
        text.match_indices(word).any(|(i, _)| {
            let deng = i + word.find('等').unwrap_or(0);
            deng == at
        })
    });
    if inside_word {
        return false;
    }
    let before = text[..at].chars().next_back();
    let waiting = match before {
        None => true,
        Some(c) => {
            BEFORE_WAITING.contains(&c)
                || !(is_han(c) || c.is_alphanumeric() || matches!(c, '》' | '”' | '"' | ')' | '\u{ff09}' | '、'))
        }
    };
    // 等材料 at the head of a clause is the tail of a list that lost its head, unless it waits for them.
    !waiting
}

fn opens_catch_all(after: &str) -> bool {
    let after = after.strip_prefix('的').unwrap_or(after);
    CATCH_ALL.iter().any(|noun| after.starts_with(noun)) && !after.starts_with("要求赔")
}

fn ends_clause(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !is_han(c) && !c.is_alphanumeric())
}

fn ends_clause_at_start(after: &str) -> bool {
    after.chars().next().is_none_or(|c| !is_han(c) && !c.is_alphanumeric())
}

/// English phrases that say nothing, in lower case.
const ENGLISH: [&str; 20] = [
    "etc",
    "and so on",
    "and so forth",
    "as required",
    "as necessary",
    "if necessary",
    "where necessary",
    "as appropriate",
    "where appropriate",
    "other documents",
    "other papers",
    "other materials",
    "other proof",
    "relevant documents",
    "relevant papers",
    "relevant proof",
    "related documents",
    "relevant departments",
    "in principle",
    "depending on circumstances",
];

/// The vague piece of an English text.
pub fn vague_english(text: &str) -> Option<&'static str> {
    let mut inside_word = false;
    for (i, c) in text.char_indices() {
        let starts = c.is_ascii_alphabetic() && !inside_word;
        inside_word = c.is_alphabetic();
        if !starts {
            continue;
        }
        let rest = &text.as_bytes()[i..];
        let found = ENGLISH.into_iter().find(|phrase| {
            rest.len() >= phrase.len()
                && rest[..phrase.len()].eq_ignore_ascii_case(phrase.as_bytes())
                && !rest.get(phrase.len()).is_some_and(u8::is_ascii_alphabetic)
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_looked_for() {
        for phrase in PHRASES {
            assert_eq!(vague_chinese(&format!("甲{phrase}乙")), Some(phrase), "{phrase}");
        }
    }
}
