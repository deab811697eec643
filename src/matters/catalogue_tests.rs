//! The built-in catalogue against domain facts §4: every code after `mat:` and every item after
//! `form:` is there.

use super::*;
use crate::{
    form::fixtures::catalogue,
    matter::{Badge, Category, FieldKind, ProxyRule, SelfService},
};

#[test]
fn the_built_in_catalogue_has_no_fault() {
    if let Err(faults) = Catalogue::bundled() {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"));
    }
    assert_eq!(catalogue().matters().len(), 42);
    assert_eq!(catalogue().version(), "2026.3");
}

/// Matter, national type, badge, proxy, self-service, materials, words that stand in the labels
/// (or questions) of the form. Proxy: 可 a, 限 r, 否 n; self: 可 y, 协办 h, 否 n.
const FACTS: &[(&str, &str, Badge, char, char, &str, &str)] = &[
    ("M01", "20", Badge::Instant, 'a', 'y', "ID HK F POA", "缴费档次 参保起始年 特殊身份 代缴 参保方式"),
    ("M02", "20", Badge::Instant, 'a', 'y', "ID HK", "改哪一项 原来是 改成 为什么改"),
    ("M03", "20", Badge::Promised, 'r', 'h', "ID HK BK F", "在哪里领 已缴费年限 补缴 养老金"),
    ("M04", "20", Badge::Instant, 'n', 'y', "ID", "认证方式 见证人 健在"),
    ("M05", "20", Badge::Instant, 'a', 'y', "ID BC HK RP F FID", "给哪类人参保 监护人 参保年度 资助身份"),
    ("M06", "20", Badge::Instant, 'a', 'y', "ID BK CM HK RP", "属于哪一种 去哪里看病 开始日期 结束日期 联系人"),
    (
        "M07",
        "20",
        Badge::Promised,
        'a',
        'n',
        "MR1 MR2 MR3 MR4 ID BK",
        "就诊医院 入院日期 出院日期 门诊 总金额 没直接结算原因 第三方",
    ),
    ("M08", "20", Badge::Instant, 'a', 'y', "ID PH1", "怎么领取"),
    ("M09", "05", Badge::Promised, 'a', 'h', "ID PH2 BK POA", "补贴档次 户口本上一样 领取人"),
    (
        "M10",
        "07",
        Badge::Promised,
        'r',
        'n',
        "ID HK PH2 GU F POA",
        "残疾类别 致残原因 什么时候致残 监护人姓名 监护人关系 监护人电话 上门评定",
    ),
    ("M11", "07", Badge::Promised, 'r', 'h', "ID HK RP OLD PH2", "残疾人证号 为什么来办"),
    ("M12", "05", Badge::Promised, 'a', 'y', "F ID HK DP LC BK", "残疾人证号 残疾类别 残疾等级 低保证号 工伤护理 监护人"),
    ("M13", "05", Badge::Promised, 'a', 'y', "F ID HK DP BK", "残疾人证号 照护人 生活自理"),
    ("M14", "05", Badge::Promised, 'r', 'n', "ID HK AU F BK", "家庭成员 赡养抚养人 住房 车 存款 承包地 看病 上学 困难 近亲属"),
    ("M15", "05", Badge::Promised, 'a', 'n', "ID HK AU CM DP BK", "劳动能力 生活来源 赡养人 义务人 自理能力 怎么供养 照料人"),
    ("M16", "05", Badge::Promised, 'a', 'h', "ID RP HK EV F", "急不急 什么事 什么时候 损失 赔付 用来做什么 今年已救助"),
    ("M17", "20", Badge::Instant, 'a', 'y', "ID SID", "对方姓名 婚姻状况 第几个孩子 预产期 出生日期 现有几个孩子"),
    ("M18", "07", Badge::Promised, 'a', 'h', "ID HK MC BC PH2", "配偶 孩子 原证号码 遗失说明 承诺"),
    ("M19", "05", Badge::Promised, 'r', 'n', "ID HK MC CH BK PH2", "配偶 子女 婚育"),
    ("M20", "05", Badge::Promised, 'r', 'y', "ID HK BC BK", "孩子姓名 孩子身份证 孩子出生日期 出生医学证明编号 收款账户"),
    ("M21", "20", Badge::Instant, 'a', 'y', "ID HOUSE", "从哪里来 来本地日期 住在哪里 为什么来住 房东姓名 房东电话 同住人"),
    ("M22", "07", Badge::Promised, 'r', 'h', "ID PH1 HOUSE JOB SCHOOL GU", "凭哪一样 居住登记日期 居住地址"),
    (
        "M23",
        "01",
        Badge::Promised,
        'a',
        'n',
        "F CM ID HK VM MAP NB",
        "家庭成员 现有宅基地面积 现有宅基地怎么办 拟建在哪里 位置 申请面积 层数 高度 建筑面积 占用什么地 资格权",
    ),
    (
        "M24",
        "05",
        Badge::Promised,
        'r',
        'y',
        "ID FP BK CM PHM PLATE",
        "组织名称 机具品目 生产厂家 型号 出厂编号 发票号码 发票日期 发票金额 经销商 在哪里用",
    ),
    ("M25", "05", Badge::Promised, 'a', 'n', "ID BK LQ", "确权面积 扣减面积 扣减原因 核定面积 现在谁种 承诺"),
    (
        "M26",
        "01",
        Badge::Promised,
        'a',
        'n',
        "F ID LQ CM VM POA",
        "小班 林种 树种 面积 蓄积 株数 采伐方式 怎么更新 采伐开始 采伐结束 运到哪里",
    ),
    ("M27", "20", Badge::Promised, 'a', 'y', "ID PH1 GU", "合作银行 领卡网点 邮寄 办哪一种"),
    ("M28", "20", Badge::Instant, 'r', 'y', "ID", "社保卡卡号 办哪一种 再确认一次"),
    (
        "M29",
        "20",
        Badge::Instant,
        'a',
        'y',
        "ID END CM",
        "登记哪一种 文化程度 技能 失业原因 失业日期 想做什么 想在哪里 月薪 就业形态 困难类别",
    ),
    ("M30", "20", Badge::Instant, 'a', 'y', "ID BK", "参加哪一种 缴费基数 从哪个月 怎么缴费 转移"),
    ("M31", "07", Badge::Promised, 'r', 'y', "ID HK HK2 MC HOUSE ADM JOB", "从哪里迁出 迁到哪里 因为什么迁 随迁人 户主同意"),
    ("M32", "07", Badge::Promised, 'r', 'n', "DC DID HK ID CR BK", "逝者姓名 死亡日期 死亡地点 死亡原因 申报人 领取账户"),
    ("M33", "07", Badge::Promised, 'r', 'h', "BC ID SID HK MC", "孩子姓名 孩子性别 出生时间和地点 随谁落户 孩子民族 你是孩子的"),
    ("M34", "07", Badge::Promised, 'n', 'y', "HK ID", "为什么办 临时身份证"),
    ("M35", "05", Badge::Promised, 'r', 'n', "DC CR FP HK DID ID BK", "逝者姓名 死亡日期 火化日期 项目和金额 生态葬 收款账户"),
    ("M36", "20", Badge::Promised, 'r', 'h', "ID CASE CM", "什么事 对方是谁 想要什么 时效截止日 免审查身份"),
    ("M37", "20", Badge::Promised, 'r', 'h', "ID HK VD PH1 AW", "入伍时间 退役时间 部队 退役方式 身份类别 合作银行"),
    ("M38", "01", Badge::Promised, 'a', 'n', "ID PLAN SYS HC", "字号 地址 面积 类别 做什么卖什么 设备 从业人员"),
    (
        "M39",
        "07",
        Badge::Instant,
        'a',
        'h',
        "F ID SITE",
        "名称(首选) 名称(备选一) 名称(备选二) 经营场所 经营范围 资金数额 从业人数 个人经营还是家庭经营 家庭成员",
    ),
    ("M40", "20", Badge::Promised, 'a', 'y', "ID HOUSE", "用电地址 用电类别 容量 相数 户号 预约上门"),
    (
        "M41",
        "20",
        Badge::Promised,
        'r',
        'y',
        "HK ID VAC RP JOB HOUSE",
        "孩子姓名 孩子身份证 孩子出生日期 孩子性别 健康 监护人 孩子是哪一类 志愿学校 接送",
    ),
    ("M42", "20", Badge::Promised, 'n', 'n', "ID BRANCH", "入党日期 转正日期 原支部 转到哪里 党费"),
];

#[test]
fn every_code_and_every_item_of_the_facts_is_there() {
    assert_eq!(FACTS.len(), catalogue().matters().len());
    for (id, gb_type, badge, proxy, alone, codes, words) in FACTS {
        let matter = catalogue().matter(id).unwrap();
        assert_eq!((matter.gb_type.as_str(), matter.badge), (*gb_type, *badge), "{id}");
        let own = match matter.proxy {
            ProxyRule::Anyone => 'a',
            ProxyRule::RelativesOnly => 'r',
            ProxyRule::Nobody => 'n',
        };
        assert_eq!(own, *proxy, "{id}");
        let own = match matter.self_service {
            SelfService::Yes => 'y',
            SelfService::Assisted => 'h',
            SelfService::No => 'n',
        };
        assert_eq!(own, *alone, "{id}");
        for code in codes.split(' ') {
            assert!(matter.material(code).is_some(), "{id} has no {code}");
        }
        let mut texts: Vec<&str> = matter.situations.iter().map(|situation| situation.question.zh.as_str()).collect();
        texts.extend(matter.situations.iter().flat_map(|situation| &situation.choices).map(|choice| choice.label.zh.as_str()));
        texts.extend(matter.fields().map(|field| field.label.zh.as_str()));
        for word in words.split(' ') {
            assert!(texts.iter().any(|text| text.contains(word)), "{id} asks no {word}: {texts:?}");
        }
    }
}

#[test]
fn every_matter_asks_who_it_is_and_how_to_reach_him() {
    for matter in catalogue().matters() {
        for key in ["name", "number", "phone_of", "phone", "contact_name", "contact_relation"] {
            assert!(matter.field(key).is_some(), "{} has no {key}", matter.id);
        }
        let whole =
            ["id_type", "sex", "ethnic", "birth", "addr_reg", "head_relation"].iter().all(|key| matter.field(key).is_some());
        assert_eq!(whole, !["M04", "M28"].contains(&matter.id.as_str()), "{}: P or P-min", matter.id);
        let pays = matter.fields().any(|field| field.kind == FieldKind::Payee);
        assert_eq!(
            pays,
            matter.sensitive.iter().any(|kind| kind == "account"),
            "{}: an account only where money flows",
            matter.id
        );
    }
}

#[test]
fn the_five_categories_of_the_policy_all_occur() {
    let of = |category| catalogue().matters().iter().filter(|matter| matter.category == category).count();
    let counts =
        [Category::Statutory, Category::PublicService, Category::Delegated, Category::Station, Category::ReviewAndForward]
            .map(of);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), 42);
}

#[test]
fn a_version_is_accepted_on_the_days_it_was_in_force() {
    let day = |text: &str| text.parse().unwrap();
    for (version, on, accepted) in [
        ("2026.3", "2026-11-23", true),
        ("2026.3", "2026-10-31", false),
        ("2026.2", "2026-11-23", true),
        ("2026.2", "2026-12-01", false),
        ("2026.2", "2026-06-30", false),
        ("2025.1", "2026-11-23", false),
    ] {
        assert_eq!(catalogue().was_in_force(version, day(on)), accepted, "{version} on {on}");
    }
}

/// What a person who knows no Rust does: copies a file, gives it a new number and name.
#[test]
fn matter_43_is_a_copied_file_and_can_be_filed() {
    use crate::form::fixtures::{Case, page, person};
    let (_, model) = crate::bundled::FILES.iter().find(|(name, _)| name.starts_with("M08")).unwrap();
    let copy = model.replace("\"M08\"", "\"M43\"").replace("老年人优待证", "助餐卡").replace("lnryzz", "zck");
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in crate::bundled::FILES.iter().chain([&("M43-助餐卡.toml", copy.as_str())]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let read: Vec<(String, String)> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    let files: Vec<(&str, &str)> = read.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(crate::lint::check(&files), []);
    let town = Catalogue::parse("", &files).unwrap();
    assert_eq!(town.matters().len(), 43);
    assert_eq!(crate::search::find(&town, "助餐卡")[0].matter.id, "M43");
    let mut case = Case::of(town.matter("M43").unwrap(), person(jiff::civil::date(1950, 3, 8)));
    case.choose("addr_same", "same").type_in("phone", "029-88880000").choose("head_relation", "head").choose("pickup", "village");
    let filing = case.filing(vec![page("PH1", 1)]);
    assert_eq!(crate::form::filing_complaints(town.matter("M43").unwrap(), &filing), []);
}
