//! Proofs that a village must not issue (民发〔2020〕20号, the first list of 20; domain facts §2.13).

use super::lines::Index;
use crate::{CatalogueFault, Matter};

/// Name of the proof, the phrases by which it is known, and the words that mean it together with
/// 证明, 说明 or the like.
pub const VILLAGE_PROOFS: [(&str, &[&str], &[&str]); 20] = [
    ("亲属关系证明", &["亲属关系", "亲子关系", "家庭关系", "父母子女关系", "夫妻关系"], &["亲属", "关系"]),
    ("居民身份信息证明", &["身份信息", "同一人", "曾用名"], &["身份"]),
    ("户口登记项目变更证明", &["户口登记", "户口变更", "户口项目", "户籍变更", "户口信息"], &["户口", "户籍"]),
    ("居民养犬证明", &["养犬", "养狗"], &["犬"]),
    ("无犯罪记录证明", &["犯罪记录", "无犯罪", "政审", "现实表现"], &["犯罪", "违法", "品行"]),
    ("社区戒毒康复证明", &["戒毒"], &["吸毒"]),
    ("人员失踪证明", &["失踪"], &["下落不明", "走失"]),
    ("婚姻状况证明", &["婚姻状况", "婚姻情况", "未婚", "单身"], &["婚姻", "结婚", "离婚", "离异", "丧偶", "已婚", "再婚"]),
    ("出生证明", &["出生证明", "出生情况"], &["出生"]),
    ("健在证明", &["健在", "生存证明", "在世"], &["活着", "生存"]),
    ("死亡证明", &["死亡证明", "死亡情况"], &["死亡", "去世", "亡故"]),
    ("疾病状况证明", &["疾病", "患病", "病情"], &["生病", "健康"]),
    ("残疾状况证明", &["残疾状况", "残疾情况", "残疾证明"], &["残疾", "伤残"]),
    ("婚育状况证明", &["婚育", "生育状况", "生育情况"], &["生育", "计划生育", "计生"]),
    ("居民就业状况证明", &["就业状况", "就业情况", "无业"], &["就业", "失业", "工作", "务工", "待业"]),
    ("居民个人档案证明", &["个人档案"], &["档案"]),
    ("居民财产证明", &["财产", "经济状况", "家庭收入"], &["收入", "经济", "贫困", "困难", "资产", "房产", "存款"]),
    ("遗产继承权公证证明", &["继承"], &["遗产"]),
    ("市场主体住所证明", &["市场主体住所", "经营场所证明", "场所使用证明", "住所证明"], &["住所", "经营场所", "营业场所"]),
    ("证件遗失证明", &["遗失", "丢失证明"], &["丢失", "证件丢", "补办证件"]),
];

/// Who is the village: 村委会, 村(居)委会, 村民小组, 村里, 社区.
const VILLAGE: [&str; 7] = ["村", "居委会", "居民委员会", "居民小组", "社区", "基层组织", "居)委会"];
/// 村 in these is no village that issues.
const NO_VILLAGE: [&str; 5] = ["农村", "乡村医生", "村医", "村卫生", "村镇银行"];
/// How a village issues.
const ISSUES: [&str; 10] = ["出具", "开具", "盖章", "签章", "公章", "出的", "写的", "提供的", "证实", "作证"];
/// 开 in these issues nothing.
const NOT_OPENED: &str = "始展户会放通发车办业学门";
/// What is asked for then.
const PROOFS: [&str; 6] = ["证明", "说明", "声明", "证实", "材料", "信"];
/// What turns the sentence round.
const NOT: [&str; 8] = ["不用", "不需", "无需", "不要", "不得", "不能", "不再", "不开"];

/// The forbidden proof that this text wants from a village, if it wants one.
pub fn village_proof(text: &str) -> Option<&'static str> {
    clauses(text).find_map(|clause| {
        let at = village(clause)?;
        (issues(clause, at) && !refused(clause, at)).then(|| forbidden(clause)).flatten()
    })
}

/// Does the village that is named at `at` issue something? 把死亡证明交给村委会 asks nothing of it.
fn issues(clause: &str, at: usize) -> bool {
    let (before, after) = clause.split_at(at);
    let opens = after
        .match_indices('开')
        .any(|(i, _)| !after[i + '开'.len_utf8()..].chars().next().is_some_and(|next| NOT_OPENED.contains(next)));
    // 村委会的收入证明, 收入证明(村委会)
    let own = after.chars().take(14).collect::<String>().contains("证明")
        && !["收到", "拍", "交", "看", "核", "查"].iter().any(|word| after.contains(word));
    let bracketed = before.ends_with(['(', '\u{ff08}']) && before.contains("证明");
    opens || own || bracketed || ISSUES.iter().any(|word| after.contains(word))
}

fn clauses(text: &str) -> impl Iterator<Item = &str> {
    text.split(['。', ';', ',', '\u{ff1b}', '\u{ff0c}'])
}

/// Where the village is named.
fn village(text: &str) -> Option<usize> {
    VILLAGE
        .iter()
        .flat_map(|word| text.match_indices(word))
        .map(|(at, _)| at)
        .filter(|at| {
            let near = text[*at..].chars().take(5).collect::<String>();
            let before = text[..*at].chars().next_back();
            // 村民 are people, 村民委员会 and 村民小组 are the village.
            let people =
                near.starts_with("村民") && !["委", "小", "会", "代"].iter().any(|word| near["村民".len()..].starts_with(word));
            !people
                && !NO_VILLAGE.iter().any(|word| {
                    near.starts_with(word)
                        || (before.is_some_and(|c| word.starts_with(c)) && format!("{}{near}", &word[..3]).starts_with(word))
                })
        })
        .min()
}

/// Is this provider the village committee or a villagers' group, and nobody else?
pub(super) fn from_village(provider: &str) -> bool {
    village(provider).is_some() && !provider.contains("本人")
}

/// 不用村里开, 村里不得出具. A 不能 that belongs to something else (不能提供的由村委会出具) turns nothing.
fn refused(clause: &str, village: usize) -> bool {
    NOT.iter().any(|word| {
        clause.match_indices(word).any(|(at, _)| {
            let between = if at < village { &clause[at + word.len()..village] } else { "" };
            !between.contains(['的', '由']) && between.chars().count() <= 4
        })
    })
}

fn forbidden(text: &str) -> Option<&'static str> {
    let proof = PROOFS.iter().any(|word| text.contains(word));
    VILLAGE_PROOFS
        .iter()
        .find(|(_, phrases, _)| phrases.iter().any(|word| text.contains(word)))
        .or_else(|| VILLAGE_PROOFS.iter().find(|(_, _, words)| proof && words.iter().any(|word| text.contains(word))))
        .map(|(name, ..)| *name)
}

pub(super) fn check(matter: &Matter, index: &Index<'_>, faults: &mut Vec<CatalogueFault>) {
    for material in &matter.materials {
        // Who provides it may be the village, whatever the name says of that.
        let from_village = village(&material.provider.zh).is_some();
        let named = [&material.name.zh, &material.hint.zh].into_iter().filter(|_| from_village).find_map(|text| {
            clauses(text).find_map(|clause| (!NOT.iter().any(|word| clause.contains(word))).then(|| forbidden(clause)).flatten())
        });
        let wanted = || village_proof(&material.name.zh).or_else(|| village_proof(&material.hint.zh));
        if let Some(proof) = named.or_else(wanted) {
            faults.push(index.fault(
                &format!("material:{}", material.code),
                "village_proof",
                format!("{}: {proof}", material.code),
            ));
        }
    }
    // What a text says aside is asked for all the same.
    let mut told = |path: String, text: &str| {
        if let Some(proof) = village_proof(text) {
            faults.push(index.fault(&path, "village_proof", proof));
        }
    };
    told("summary".to_owned(), &matter.summary.zh);
    for (list, name) in [(&matter.conditions, "conditions"), (&matter.steps, "steps"), (&matter.levels, "levels")] {
        for (i, words) in list.iter().enumerate() {
            told(format!("{name}[{i}]"), &words.zh);
        }
    }
    for (i, fact) in matter.facts.iter().enumerate() {
        told(format!("facts[{i}]"), &fact.text.zh);
    }
    for situation in &matter.situations {
        let path = format!("situation:{}", situation.key);
        told(path.clone(), &situation.question.zh);
        situation.choices.iter().for_each(|choice| told(path.clone(), &choice.label.zh));
    }
    for field in matter.fields() {
        let path = format!("field:{}", field.key);
        told(path.clone(), &field.label.zh);
        field.note.iter().for_each(|note| told(path.clone(), &note.zh));
    }
    for (i, check) in matter.checks.iter().enumerate() {
        told(format!("checks[{i}]"), &check.message.zh);
    }
}
