//! Proofs that a village must not issue (民发〔2020〕20号, the first list of 20; domain facts §2.13).

use super::lines::Index;
use crate::{CatalogueFault, Matter};

/// Name of the proof and the words by which it is known.
pub const VILLAGE_PROOFS: [(&str, &[&str]); 20] = [
    ("亲属关系证明", &["亲属关系", "亲子关系", "家庭关系"]),
    ("居民身份信息证明", &["身份信息", "同一人", "曾用名"]),
    ("户口登记项目变更证明", &["户口登记", "户口变更", "户口项目", "户籍变更"]),
    ("居民养犬证明", &["养犬", "养狗"]),
    ("无犯罪记录证明", &["犯罪记录", "无犯罪", "政审", "现实表现"]),
    ("社区戒毒康复证明", &["戒毒"]),
    ("人员失踪证明", &["失踪"]),
    ("婚姻状况证明", &["婚姻状况", "未婚", "单身", "离异证明", "丧偶证明"]),
    ("出生证明", &["出生证明", "出生情况"]),
    ("健在证明", &["健在", "生存证明", "在世"]),
    ("死亡证明", &["死亡证明", "死亡情况"]),
    ("疾病状况证明", &["疾病", "患病"]),
    ("残疾状况证明", &["残疾状况", "残疾情况", "残疾证明"]),
    ("婚育状况证明", &["婚育", "生育状况", "计划生育证明"]),
    ("居民就业状况证明", &["就业状况", "失业证明", "无业", "就业证明"]),
    ("居民个人档案证明", &["个人档案", "档案证明"]),
    ("居民财产证明", &["财产", "收入证明", "经济状况证明", "贫困证明", "困难证明"]),
    ("遗产继承权公证证明", &["继承"]),
    ("市场主体住所证明", &["住所证明", "经营场所证明", "场所使用证明"]),
    ("证件遗失证明", &["遗失", "丢失证明"]),
];

/// Who is the village.
const VILLAGE: [&str; 6] = ["村委会", "村民委员会", "村里", "居委会", "居民委员会", "社区"];
/// How a proof is asked for.
const ISSUES: [&str; 5] = ["出具", "开具", "开的", "盖章", "证明"];
/// What turns the sentence round.
const NOT: [&str; 6] = ["不用", "不需要", "无需", "不要", "不得", "不能"];

/// The forbidden proof that this text wants from a village, if it wants one.
pub fn village_proof(text: &str) -> Option<&'static str> {
    text.split(['。', ';', ',', '\u{ff1b}', '\u{ff0c}']).find_map(|clause| {
        let wanted = VILLAGE.iter().any(|word| clause.contains(word)) && ISSUES.iter().any(|word| clause.contains(word));
        let refused = NOT.iter().any(|word| clause.contains(word));
        (wanted && !refused).then(|| forbidden(clause)).flatten()
    })
}

fn forbidden(text: &str) -> Option<&'static str> {
    VILLAGE_PROOFS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(name, _)| *name)
}

pub(super) fn check(matter: &Matter, index: &Index<'_>, faults: &mut Vec<CatalogueFault>) {
    for material in &matter.materials {
        let path = format!("material:{}", material.code);
        let village = material.provider.zh.contains('村') || VILLAGE.iter().any(|word| material.provider.zh.contains(word));
        let named = if village { forbidden(&material.name.zh).or_else(|| forbidden(&material.hint.zh)) } else { None };
        if let Some(proof) = named.or_else(|| village_proof(&material.name.zh)).or_else(|| village_proof(&material.hint.zh)) {
            faults.push(index.fault(&path, "village_proof", format!("{}: {proof}", material.code)));
        }
    }
    for (i, condition) in matter.conditions.iter().enumerate() {
        if let Some(proof) = village_proof(&condition.zh) {
            faults.push(index.fault(&format!("conditions[{i}]"), "village_proof", proof));
        }
    }
}
