//! 兜底条款和模糊条款 (policy §三) in Chinese: is there a door without a frame in this text?
//!
//! 等 and 其他 are refused where they end or open a list. They are not refused inside words (等级,
//! 同等, 一等功), where 等 means waiting (请等通知), where 其他 is denied (没有其他住房, 其他材料不用带)
//! and where it names people who are known (其他家庭成员).

/// Phrases that say nothing wherever they stand.
const PHRASES: [&str; 129] = [
    "按规定",
    "按照规定",
    "依照规定",
    "依据规定",
    "根据规定",
    "按有关",
    "按照有关",
    "按相关",
    "按要求",
    "按照要求",
    "根据要求",
    "按政策",
    "符合规定",
    "符合政策",
    "规定的条件",
    "规定的材料",
    "依规",
    "视情况",
    "视情",
    "视具体",
    "视实际",
    "视需要",
    "看情况",
    "酌情",
    "酌定",
    "适当",
    "适时",
    "择期",
    "若干",
    "尽快",
    "尽早",
    "从速",
    "根据情况",
    "根据需要",
    "根据实际",
    "按实际情况",
    "按情况",
    "依实际情况",
    "结合实际",
    "具体情况",
    "实际情况确定",
    "必要时",
    "如有需要",
    "如有必要",
    "如果需要",
    "若有需要",
    "如需",
    "原则上",
    "一般情况下",
    "特殊情况",
    "特殊情形",
    "认为需要",
    "认为必要",
    "认为有必要",
    "认为应当",
    "要求的材料",
    "要求的证明",
    "要求提供的",
    "需要提供的",
    "需要的材料",
    "需要的证明",
    "所需材料",
    "所需的材料",
    "所需证明",
    "必要材料",
    "必要的材料",
    "必要的证明",
    "有效证明",
    "各类证明",
    "各种证明",
    "各类材料",
    "各种材料",
    "相应材料",
    "相应的材料",
    "相应证明",
    "诸如",
    "之类",
    "不限于",
    "未尽",
    "另行通知",
    "另行规定",
    "……",
    "具体材料",
    "具体要求",
    "一定期限",
    "一定比例",
    "一定时间",
    "一定条件",
    "一定数量",
    "合理期限",
    "合理时间",
    "佐证材料",
    "佐证资料",
    "辅助证明",
    "辅助材料",
    "必需材料",
    "必需的材料",
    "所需资料",
    "所需的资料",
    "所需手续",
    "所需证件",
    "所需的证件",
    "另附材料",
    "手续齐全",
    "证件齐全",
    "合法有效",
    "有效证件",
    "...",
    "…",
    "按需",
    "应当提供的",
    "应当提交的",
    "应提供的",
    "应提交的",
    "需要提交的",
    "须提供的",
    "须提交的",
    "情况特殊",
    "一般需",
    "一般不超过",
    "及时办理",
    "及时办结",
    "及时处理",
    "较长时间",
    "适量",
    "大致",
    "大约",
    "不定期",
    "不定时",
];

/// The characters with which the phrases begin: most texts hold none of them.
const PHRASE_HEADS: [char; 46] = [
    '.', '…', '一', '不', '之', '从', '佐', '依', '具', '原', '及', '另', '各', '合', '大', '如', '实', '尽', '应', '必', '情',
    '所', '手', '择', '按', '有', '未', '根', '特', '相', '看', '符', '结', '若', '要', '规', '视', '认', '证', '诸', '较', '辅',
    '适', '酌', '需', '须',
];

/// Who makes rules: between 按 and 规定 they name nobody's rule.
const RULE_MAKERS: [&str; 24] = [
    "国家", "省里", "市里", "区里", "县里", "镇里", "省", "市", "区", "县", "镇街", "镇", "上级", "当地", "本地", "地方", "政府",
    "部门", "主管", "行业", "现行", "法律", "法规", "的",
];

/// Nouns that turn 相关, 有关, 其他 and a list's 等 into a door without a frame.
const CATCH_ALL: [&str; 28] = [
    "证明", "材料", "部门", "规定", "手续", "文件", "资料", "证件", "要求", "条件", "人员", "单位", "政策", "情况", "情形",
    "凭证", "事项", "事宜", "原因", "方式", "费用", "法律", "法规", "机构", "内容", "需要", "相关", "有关",
];

/// In what a paper that nobody named ends, however long the clause before it.
const PAPERS: [&str; 29] = [
    "材料", "证明", "文件", "手续", "资料", "情形", "情况", "条件", "事项", "事宜", "凭证", "凭据", "证件", "证书", "票据",
    "单据", "附件", "佐证", "依据", "东西", "物品", "信息", "人员", "人士", "群体", "群众", "对象", "部门", "机构",
];

/// People who are known by their tie to the applicant: naming them is no catch-all.
const PEOPLE: [&str; 21] = [
    "家庭成员",
    "成员",
    "家人",
    "家属",
    "亲属",
    "近亲属",
    "子女",
    "兄弟",
    "姐妹",
    "监护人",
    "共有人",
    "共同",
    "继承人",
    "权利人",
    "合伙人",
    "股东",
    "申请人",
    "村民",
    "住户",
    "老人",
    "人",
];

/// Names of their own that begin with 其他: the policy's window, the national type.
const NAMES: [&str; 2] = ["综合服务窗口", "行政权力"];

/// The vague piece of a Chinese text.
pub fn vague_chinese(text: &str) -> Option<&'static str> {
    for (i, _) in text.char_indices().filter(|(_, c)| PHRASE_HEADS.contains(c)) {
        if let Some(phrase) = PHRASES.iter().find(|phrase| text[i..].starts_with(**phrase)) {
            return Some(phrase);
        }
    }
    nobodys_rule(text)
        .or_else(|| it_depends(text))
        .or_else(|| whose_word(text))
        .or_else(|| whatever_proves(text))
        .or_else(|| roughly(text))
        .or_else(|| related(text))
        .or_else(|| others(text))
        .or_else(|| text.match_indices('等').any(|(at, _)| ends_list(&text[..at], &text[at + '等'.len_utf8()..])).then_some("等"))
}

/// 按国家规定, 根据上级要求: a rule without a name. 按照《居住证暂行条例》 has one.
fn nobodys_rule(text: &str) -> Option<&'static str> {
    ["按照", "按", "依照", "依据", "根据", "遵照"].into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let mut rest = &text[at + word.len()..];
            while let Some(shorter) = RULE_MAKERS.iter().find_map(|maker| rest.strip_prefix(maker)) {
                rest = shorter;
            }
            ["规定", "要求", "政策", "标准执行", "文件"].iter().any(|noun| rest.starts_with(noun))
        })
    })
}

/// 视家庭困难程度而定.
fn it_depends(text: &str) -> Option<&'static str> {
    text.find("而定").filter(|at| clause_before(&text[..*at]).contains(['视', '看', '依'])).map(|_| "而定")
}

/// 以窗口要求为准: whoever sits there decides. 以身份证上的日期为准 names where it stands.
fn whose_word(text: &str) -> Option<&'static str> {
    const ANYBODYS: [&str; 6] = ["要求", "告知", "窗口", "工作人员", "实际", "通知"];
    text.match_indices("为准")
        .any(|(at, _)| {
            let clause = clause_before(&text[..at]);
            let named = clause.rfind('以').map(|from| &clause[from..]);
            named.is_some_and(|named| ANYBODYS.iter().any(|word| named.contains(word)))
        })
        .then_some("为准")
}

/// 能够证明关系的材料: anything, or nothing. And what trails off: 身份证什么的.
fn whatever_proves(text: &str) -> Option<&'static str> {
    let proves = ["能够证明", "能证明", "可以证明", "足以证明"].into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let clause = clause_after(&text[at + word.len()..]);
            clause.contains('的') && ends_in_paper(clause)
        })
    });
    let trails = || text.match_indices("什么的").any(|(at, word)| clause_after(&text[at + word.len()..]).is_empty());
    proves.or_else(|| trails().then_some("什么的"))
}

/// 20天左右: no date can be counted from it. 左右 of a body is none.
fn roughly(text: &str) -> Option<&'static str> {
    const UNITS: &str = "天日月年岁元个份页次时分%％";
    let found = text
        .match_indices("左右")
        .any(|(at, _)| text[..at].chars().next_back().is_some_and(|c| UNITS.contains(c) || c.is_ascii_digit()));
    found.then_some("左右")
}

fn related(text: &str) -> Option<&'static str> {
    ["相关", "有关"].into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let after = &text[at + word.len()..];
            opens_catch_all(after) || ends_in_paper(clause_after(after))
        })
    })
}

fn others(text: &str) -> Option<&'static str> {
    ["其他", "其它", "其余", "别的"].into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + word.len()..]);
            let after = after.strip_prefix('的').unwrap_or(after);
            let clause = clause_after(after);
            let named = NAMES.iter().any(|name| after.starts_with(name))
                || (PEOPLE.iter().any(|people| after.starts_with(people)) && !after.starts_with("人员"));
            let elsewhere = before.ends_with(['在', '从', '被'])
                && ["单位", "机构", "部门", "方式"].iter().any(|place| after.starts_with(place));
            if named || elsewhere || denied(clause_before(before), clause) {
                return false;
            }
            let lists = before.ends_with(['、', '和', '及', '或', '与', '等']) || before.ends_with("或者");
            let alone = ends_clause(before) || lists;
            let ends = clause.is_empty() || (clause.ends_with('的') && !before.ends_with('的'));
            let loose = clause.is_empty() && before.ends_with('的');
            // In a list even a thing with a kind of its own (其他收入) closes it.
            (alone && ends) || loose || opens_catch_all(after) || ends_in_paper(clause) || (lists && clause.chars().count() <= 4)
        })
    })
}

/// 没有其他住房, 不收其他费用, 其他材料不用带: what is denied opens nothing.
fn denied(before: &str, after: &str) -> bool {
    const NOT: [char; 8] = ['不', '没', '无', '未', '勿', '免', '别', '非'];
    // 不动产, 不同, 不足, 未成年, 无房: the negation belongs to the word.
    const INSIDE: [char; 13] = ['动', '同', '足', '满', '少', '限', '止', '仅', '但', '成', '房', '法', '农'];
    let near: Vec<char> = before.chars().rev().take(7).collect::<Vec<_>>().into_iter().rev().collect();
    let last = near.iter().rposition(|c| NOT.contains(c));
    let denies = last.is_some_and(|at| {
        let rest = &near[at + 1..];
        !rest.first().is_some_and(|c| INSIDE.contains(c)) && !rest.iter().any(|c| ['的', '、', '和', '及', '或'].contains(c))
    });
    denies || ["不用", "不需", "无需", "不必", "不收", "不要", "免交", "一律不"].iter().any(|word| after.contains(word))
}

/// Does a 等 between these two pieces end a list?
fn ends_list(before: &str, after: &str) -> bool {
    !inside_word(before, after) && !waits(before, after)
}

/// Words in which 等 stands last: their heads, and what before the head makes it the tail of
/// another word (合同等 is no 同等, 水平等 no 平等).
const HEADS: [(&str, &str); 25] = [
    ("高", "身提最较升增跳标偏音拔压"),
    ("中", "其家校集初高途手村镇城心"),
    ("初", "年月当起最"),
    ("平", "水公和生太"),
    ("同", "合相共不如陪协认赞雷伙胡"),
    ("均", "人年平户月日"),
    ("相", "照真长互亮"),
    ("对", "核比校面针应查绝"),
    ("优", "择创"),
    ("特", "奇独"),
    ("劣", ""),
    ("次", "每一二三两多档层名"),
    ("差", "误时级温"),
    ("甲", ""),
    ("乙", ""),
    ("丙", ""),
    ("不", ""),
    ("何", "任如几"),
    ("稍", ""),
    ("久", ""),
    ("坐", ""),
    ("第", ""),
    ("减", "核扣"),
    ("降", ""),
    ("越", ""),
];
/// After these 等 begins a word, unless it goes on as the third part says (等额外材料, 等同意书).
const TAILS: [(&str, &str); 25] = [
    ("级", "别"),
    ("次", "要数日"),
    ("候", ""),
    ("待", "遇定补办"),
    ("于", ""),
    ("额", "外度"),
    ("值", "班"),
    ("同", "意住类"),
    ("价", "格"),
    ("效", "果力"),
    ("比", "对"),
    ("分", "户类割公"),
    ("份", "额数"),
    ("距", ""),
    ("温", ""),
    ("高线", ""),
    ("边", ""),
    ("腰", ""),
    ("号", "码"),
    ("式", ""),
    ("差", ""),
    ("量", ""),
    ("外品", ""),
    ("身", "份"),
    ("大", "病学型额中专"),
];

fn inside_word(before: &str, after: &str) -> bool {
    let head = HEADS.iter().any(|(head, not_after)| {
        before.strip_suffix(head).is_some_and(|rest| !rest.chars().next_back().is_some_and(|c| not_after.contains(c)))
    });
    let tail = TAILS
        .iter()
        .any(|(tail, not_before)| after.strip_prefix(tail).is_some_and(|rest| !rest.starts_with(|c| not_before.contains(c))));
    head || tail || ranked(before, after)
}

/// 一等功, 二等乙级, 上等: a rank; 张三等 and 以上等 are none.
fn ranked(before: &str, after: &str) -> bool {
    let Some(rank) = before.chars().next_back() else { return false };
    let lead = &before[..before.len() - rank.len_utf8()];
    let begins = lead.chars().next_back().is_none_or(|c| {
        !is_han(c) || ['第', '分', '为', '评', '获', '立', '到', '至', '或', '和', '级', '是', '按'].contains(&c)
    });
    if "上下头".contains(rank) {
        return begins && (rank != '头' || after.starts_with(['舱', '奖', '功', '车', '大']));
    }
    let numeral = "一二三四五六七八九十".contains(rank) || rank.is_ascii_digit();
    numeral && (begins || after.starts_with(|c| "功奖级品残甲乙丙座舱伤".contains(c)))
}

/// Is 等 the verb "to wait" here?
fn waits(before: &str, after: &str) -> bool {
    // A list before it: 身份证、户口簿等.
    let clause = clause_before(before);
    let listed = clause.contains(['、', '和', '及', '与']) || before.ends_with(['》', '”', '"', ')', '\u{ff09}', '、']);
    if listed {
        return false;
    }
    if clause.is_empty() {
        // 等材料 alone is the tail of a list that lost its head; 等材料齐了 waits for them.
        let rest = clause_after(after);
        return !rest.is_empty() && !CATCH_ALL.contains(&rest) && !ends_in_paper(rest);
    }
    // Who tells to wait, and what before it makes another word of it (申请等, 重要等, 归还等).
    const TOLD: [(&str, &str); 21] = [
        ("请", "申邀聘报提声呈"),
        ("再", ""),
        ("先", "优首祖领"),
        ("就", "成高迁"),
        ("别", "级性类区个分鉴识"),
        ("只", ""),
        ("还", "归偿返退交"),
        ("不用", ""),
        ("要", "重主必摘纪概紧首次"),
        ("需", "急必特军供所"),
        ("须", ""),
        ("只能", ""),
        ("不能", ""),
        ("可能", ""),
        ("耐心", ""),
        ("安心", ""),
        ("放心", ""),
        ("在家", ""),
        ("回家", ""),
        ("排队", ""),
        ("多", "很许"),
    ];
    let told = TOLD.iter().any(|(word, not_after)| {
        before.strip_suffix(word).is_some_and(|rest| !rest.chars().next_back().is_some_and(|c| not_after.contains(c)))
    });
    const FOR: [&str; 19] = [
        "候",
        "到",
        "着",
        "太久",
        "很久",
        "一会",
        "一下",
        "一等",
        "几天",
        "你",
        "您",
        "我",
        "本人",
        "电话",
        "叫号",
        "结果",
        "答复",
        "回复",
        "通知后",
    ];
    // 村里等镇街回复
    let answer = ["回复", "答复", "批复", "消息", "电话", "结果", "叫号"].iter().any(|word| clause_after(after).ends_with(word));
    told || answer || FOR.iter().any(|word| after.starts_with(word)) || clause.contains('让')
}

fn opens_catch_all(after: &str) -> bool {
    let after = after.strip_prefix('的').unwrap_or(after);
    CATCH_ALL.iter().any(|noun| after.starts_with(noun)) && !after.starts_with("要求赔")
}

fn ends_in_paper(clause: &str) -> bool {
    PAPERS.iter().any(|noun| clause.ends_with(noun))
}

/// What stands between the last sign and the end: 、 joins, it does not part.
fn clause_before(text: &str) -> &str {
    let start = text.char_indices().rev().find(|(_, c)| !in_clause(*c) && *c != '、').map_or(0, |(at, c)| at + c.len_utf8());
    &text[start..]
}

/// What stands between the beginning and the next sign.
fn clause_after(text: &str) -> &str {
    text.split(|c: char| !in_clause(c)).next().unwrap_or("")
}

fn in_clause(c: char) -> bool {
    is_han(c) || c.is_alphanumeric()
}

fn ends_clause(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !in_clause(c))
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c as u32, 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_looked_for() {
        for phrase in PHRASES {
            // A longer phrase may begin with a shorter one.
            let found = vague_chinese(&format!("甲{phrase}乙")).unwrap();
            assert!(phrase.contains(found), "{phrase}: {found}");
        }
    }
}
