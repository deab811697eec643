use super::*;
use crate::bundled;

#[test]
fn the_built_in_catalogue_passes_every_rule() {
    let faults = check(bundled::FILES);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

/// 等 and 其他 inside words, as a verb, denied, or naming somebody: nothing to refuse.
const GOOD: &[&str] = &[
    "残疾等级为一级或二级",
    "高等学校在读",
    "男女平等",
    "同等条件下优先",
    "中等职业学校毕业",
    "伤残等级鉴定书",
    "荣立三等功",
    "等待镇街电话",
    "请等村里通知",
    "等材料齐了再来",
    "补贴100至300元不等",
    "均等分配",
    "核定面积加扣减面积等于确权面积",
    "没有领取其他养老金",
    "不得转给其他人使用",
    "由其他家庭成员代为领取",
    "本人户籍在本市",
    "与本人有关系的亲属",
    "户口簿、出生医学证明、法院判决书、指定监护决定书,四样里拍一样",
    "按照《居住证暂行条例》第九条办理",
    "照片要求白底免冠",
    "情况属实",
    "按年龄自动判定",
    "不用村里开健在证明",
    "没有其他收入证明的写0",
    "其他家庭成员的身份证",
    "请再等3个工作日",
    "具有同等学力",
    "一等、二等残疾军人",
    "二级甲等以上医院诊断书",
    "等额本息还款",
    "优等生",
    "上等兵",
    "等候区在大厅左边",
    "长短不等",
    "机会均等",
    "特等功",
    "等高线图",
    "按等次发放",
    "请排队等叫号",
    "让老人在家等",
    "无其他住房",
    "不收取其他费用",
    "其他材料不用带",
    "名下没有其他房产和车辆",
    "未享受其他同类补贴",
    "其他共有人也要签字",
    "在其他单位参保的先停保",
    "其他综合服务窗口",
    "本人没有其他证件的带户口簿",
    "除配偶外没有其他家庭成员",
    "初等教育",
    "等值人民币",
    "劣等品不收",
    "中等收入家庭",
    "身体和智力都平等对待",
    "按照片要求拍",
    "就近到其他省份的医院看病",
    "资格等同于本科",
    "按公示名单发放",
    "稍等片刻",
    "等级证书",
    "申请人为高等学校在校生",
    "残疾等级一至四级",
    "教育程度为中等以上",
    "男女平等参与",
    "公民一律平等",
    "达到同等水平",
    "获得一等奖学金",
    "三等甲级",
    "等号左边",
    "等腰三角形",
    "人口均等",
    "地位对等",
    "面积相等",
    "参军立二等功以上",
    "伤残等次为一等",
    "请在等候区等候",
    "等您签字后再拍",
    "村里等镇街回复",
    "代办员等本人签字",
    "申请人等待审核结果",
    "按等额方式缴费",
    "与原件等大的复印件",
    "等比例缩小",
    "公示期间请等",
    "初等教育毕业证",
    "上等",
    "特等伤残",
    "五等",
    "差等",
    "平等就业",
    "评为优等",
    "不等于放弃",
    "没有其他住所",
    "其他家庭成员姓名",
    "本人无其他收入",
    "家中其他人口",
    "其他兄弟姐妹同意书",
    "除本人以外的其他股东签字",
    "与其他村民没有土地纠纷",
    "不影响其他村民",
    "不占用其他人的土地",
    "没有享受其他社会救助",
    "其他省份的居住证",
    "其他语言",
    "是否享有其他补贴",
    "有无其他宅基地",
    "是否有其他宅基地",
    "是否参加其他养老保险",
    "是否还有其他住房",
    "其他宅基地面积",
    "其他子女的身份证号码",
    "非其他单位职工",
    "从其他地方迁来",
    "在其他县参保过",
    "转往其他医院",
    "其他银行的卡不行",
    "不能使用其他颜色的底",
    "其他两名合伙人",
    "已在其他网点领过的不再发",
    "其他时间不办",
    "等值外币",
    "一等功以上奖励",
    "二等残疾",
    "本人等级证书原件",
    "村民代表等额选举",
    "中等身材",
    "相当于中等学历",
    "同等对待",
    "低等级公路",
    "高等级",
    "等级为甲级",
    "按等级发放补贴",
    "助听器等级",
    "劳动能力鉴定等级",
    "文化程度中等",
    "对等条件",
    "等分成三份",
    "优等品",
    "头等舱",
    "不等人",
    "等不了太久",
    "其他城市户籍",
    "其他残疾类别",
    "其他居住地",
    "填写其他联系人的电话",
    "填其他联系电话",
    "联系其他亲属",
    "经其他继承人同意",
    "其他继承人放弃声明",
    "无需提供其他证明",
    "不需要其他材料",
    "未与其他单位建立劳动关系",
    "其他任何人不得代领",
    "没有在其他地方领过",
    "不含其他附加费",
    "户口本上的其他人",
    "其他宗地",
    "其他房屋的面积",
    "和其他家庭成员一起住",
    "兼有其他残疾",
    "其他语种翻译件",
    "与其他股东无争议",
];

/// What an office would use to ask for more than it says.
const BAD: &[&str] = &[
    "身份证、户口簿等",
    "身份证、户口簿等材料",
    "残疾证等相关证件",
    "工资收入等情况",
    "《土地管理法》等法律",
    "火灾、车祸等",
    "其他材料",
    "其他",
    "户口簿、其他证明",
    "以及其他需要的材料",
    "法律法规规定的其他条件",
    "诊断证明和其他",
    "相关证明",
    "提供有关证件",
    "到有关部门办理",
    "相关手续齐全",
    "按规定办理",
    "符合规定的条件",
    "按照有关政策执行",
    "视情况收取工本费",
    "必要时补充材料",
    "原则上本人办理",
    "特殊情况另行处理",
    "工作人员认为需要的材料",
    "其他能证明身份的材料",
    "其他需提供的文件",
    "镇街要求的证明",
    "尽快办结",
    "适当收取工本费",
    "身份证(户口簿)等",
    "等相关材料",
    "村民小组、村委会等单位",
    "劳动合同等",
    "土地承包合同等材料",
    "体检报告、身高等",
    "收入、生活水平等",
    "公平等原则",
    "户口簿首页、本人页等页",
    "便民服务中心等窗口",
    "水电费用等",
    "低保申请等事项",
    "技能等情况",
    "主要等材料",
    "户籍类别等",
    "押金归还等手续",
    "金额核对等",
    "父亲张三等",
    "60周岁以上等",
    "摄像头等",
    "学生证等。",
    "身份证等,都要带",
    "身份证、户口簿等同意书",
    "房产证等额外材料",
    "结婚证等",
    "等材料",
    "其他:",
    "其他、",
    "身份证、户口簿、其他",
    "身份证及其他",
    "户口簿或其他证件",
    "其他有效证件",
    "其他合法证件",
    "其它佐证",
    "其余材料",
    "工资、奖金及其他收入",
    "不动产证和其他证明",
    "未成年人证件、其他资料",
    "其他事项",
    "其他情形",
    "别的材料",
    "相关身份证明",
    "与申请人有关的材料",
    "按国家规定",
    "根据上级要求",
    "按照当地政策",
    "依照法律规定",
    "视家庭困难程度而定",
    "包括但不限于身份证",
    "身份证之类",
    "未尽事宜",
    "所需材料",
    "身份证、户口簿……",
    "身份证、户口簿等3样材料",
    "家庭收入、财产等",
    "银行卡、存折等",
    "社保卡、身份证等证件原件",
    "户口簿等",
    "身份证复印件等",
    "毕业证书、学位证书等",
    "合同、协议等",
    "租房合同等",
    "水、电、气等",
    "水电气等费用",
    "票据等",
    "身份证(正反面)等",
    "结婚证、离婚证等婚姻证明",
    "本人照片等材料",
    "学历证明等文件",
    "主要家庭成员等",
    "等证明材料",
    "等有关材料",
    "房屋平面图等图纸",
    "村委会、居委会等",
    "民政、残联等部门",
    "疾病、车祸、火灾等原因",
    "老人、儿童等",
    "老年人等群体",
    "残疾人等人员",
    "火化证明等",
    "户主等人的身份证",
    "申请表等。",
    "申请表等;身份证",
    "身份证等2份",
    "身份证等二项",
    "其他。",
    "其他有关材料",
    "其他相关材料",
    "其他证明材料",
    "其他资料",
    "其他需要提交的材料",
    "其他必要材料",
    "其他应当提供的材料",
    "其他能够证明关系的文件",
    "以及其他",
    "或者其他",
    "等其他材料",
    "身份证等其他",
    "其他:按要求提供",
    "其他说明材料",
    "其他补充材料",
    "其他审批机关要求的材料",
    "其他符合条件的人员",
    "符合其他条件",
    "具备其他条件的",
    "其他法律法规规定的",
    "有其他情形的",
    "因其他原因",
    "其他费用",
    "其他手续",
    "其他部门意见",
    "其他单位盖章",
    "其他符合规定的情形",
    "其他特殊群体",
    "其他困难群众",
    "法律、法规规定的其他材料",
    "工作单位、收入等",
    "本人签名的申请书等",
    "体检表等等",
    "等等",
    "公司章程等",
    "证照等",
    "土地证、房产证等权属证明",
    "村民会议记录等",
    "承诺书等",
    "保险单等凭证",
    "军官证、士兵证等",
    "各种补贴等",
    "诊断书、病历等医疗文书",
    "伤残等级证书等",
    "高等学校毕业证等",
    "中等职业学校学生证等",
    "平等协议等",
    "申请等",
    "身高、体重等",
    "核对等",
    "照相等",
    "房产证等材料原件",
    "身份证明等",
    "银行流水等",
    "等其他",
    "等资料",
    "等情形",
    "等条件",
    "残疾人证等证",
    "工资条等收入凭证",
    "村民委员会等组织",
    "学校、幼儿园等",
    "水稻、小麦等作物",
    "轮椅、拐杖等",
    "电视、冰箱等家电",
    "配偶、子女等",
    "配偶、子女等近亲属",
    "本人、配偶等人",
    "父母、子女等家庭成员",
    "困难等",
    "重大疾病等",
    "灾害等突发情况",
    "丧葬费、抚恤金等待遇",
    "信用等信息",
    "车辆、存款等财产",
    "录音、录像等",
    "学籍、户籍等",
    "证书、奖状等荣誉材料",
    "转账等方式",
    "电话、微信等",
    "邮寄等途径",
    "当面、电话等形式",
    "等。",
    "户口簿,身份证等",
    "户口簿和身份证等",
    "户口簿或身份证等",
    "(身份证、户口簿等)",
    "身份证(户口簿等)",
    "身份证、户口簿等(原件)",
    "其他应提交的",
    "其他未列明的",
    "其他未列材料",
    "其他需要说明的情况",
    "其他需说明的事项",
    "其他必备条件",
    "其他身份证件",
    "其他合法有效的证件",
    "其他可以证明的材料",
    "其他佐证材料",
    "其他要求",
    "其他政策规定",
    "其他内容",
    "并符合其他要求",
    "镇街规定的其他条件",
    "材料:其他",
    "一、其他",
    "4.其他",
    "身份证;其他",
    "户口簿、身份证以及其他证件",
    "有其他材料的一并提供",
    "提供其他材料",
    "如有其他材料请提供",
    "须提交其他文件",
    "必须有其他证明",
    "其他相关",
    "相关的其他",
];

#[test]
fn good_lines_pass_and_bad_lines_are_refused() {
    let wrong: Vec<&&str> = GOOD.iter().filter(|line| vague_chinese(line).is_some()).collect();
    assert!(wrong.is_empty(), "refused without need: {wrong:?}");
    let missed: Vec<&&str> = BAD.iter().filter(|line| vague_chinese(line).is_none()).collect();
    assert!(missed.is_empty(), "let through: {missed:?}");
    for line in ["Bills, lists, etc.", "Other documents", "As required", "Fees in principle", "Relevant papers of the hospital"] {
        assert!(vague_english(line).is_some(), "{line}");
    }
    for line in ["Sketch of the fetched well", "Every other day", "The other parent", "Principle of the scheme", "Required page"]
    {
        assert_eq!(vague_english(line), None, "{line}");
    }
}

#[test]
fn twenty_proofs_are_not_the_villages_to_issue() {
    for line in [
        "村委会出具的亲属关系证明",
        "由村里开具健在证明",
        "村民委员会盖章的收入证明",
        "居委会开的婚姻状况证明",
        "村委会出具的经营场所证明",
        "社区出具无犯罪记录证明",
        "村委会开具的身份证丢失证明",
        "村(居)委会出具的出生证明",
        "户籍所在村出具的养犬证明",
        "由村民小组出具的财产证明",
        "到村委会开婚姻证明",
        "村级组织出具的社区戒毒康复证明",
        "村委会的收入证明",
        "单身证明(村委会)",
        "不能提供户口簿的由村委会出具亲属关系证明",
        "村里写的失踪证明,要盖章",
        "村委会盖章的疾病证明",
        "残疾状况证明由村委会出具",
        "未婚未育证明需村委会盖章",
        "村委会出具的失业证明",
        "村委会出具档案证明",
        "村委会出具的遗产继承证明",
        "村委会出具的证件遗失说明",
        "村委会开的户口登记项目变更证明",
        "村委会出具的身份证明",
        "村委会出具的死亡证明",
    ] {
        assert!(village_proof(line).is_some(), "{line}");
    }
    for line in [
        "医院出具的死亡证明",
        "不用村里开健在证明",
        "村民会议记录和公示照片",
        "派出所出具的户口登记证明",
        "村里领取",
        "由村委会代为申请",
        "医院开具疾病诊断证明,村里帮助拍照",
        "把医院出具的死亡证明交给村委会",
        "村里收到死亡证明后拍照",
        "村委会不得出具亲属关系证明",
        "农村信用社出具的存款证明",
        "村民本人的残疾人证",
        "村卫生室出具的疾病诊断书",
        "村民的出生医学证明",
        "无需社区开具居住证明",
        "村里打电话核实婚姻状况",
        "户口在本村",
        "村委会公示7天",
    ] {
        assert_eq!(village_proof(line), None, "{line}");
    }
    assert_eq!(VILLAGE_PROOFS.len(), 20);
}

/// A broken example of every rule: the rule, the file, what is replaced by what.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("toml", "M09", "gb_type = \"05\"", "gb_type = 05"),
    ("toml", "M09", "runs_to_site = 0", "runs_to_town = 0"),
    ("toml", "dictionary", "[choices]", "[choices"),
    ("missing", "M09", "sample = { zh = \"70至79岁\", en = \"70 to 79\" }\n", ""),
    (
        "missing",
        "M07",
        "basis = \"社会保险经办条例 第二十条\"\n\n[[materials]]\ncode = \"MR2\"",
        "\n[[materials]]\ncode = \"MR2\"",
    ),
    ("not_a_list", "M04", "[[materials]]\ncode = \"ID\"", "[materials]\ncode = \"ID\""),
    ("use_unknown", "M09", "use = \"applicant\"", "use = \"aplicant\""),
    ("without_unknown", "M09", "without = [\"addr_same\"", "without = [\"adr_same\""),
    ("type_unknown", "M09", "type = \"declare\"", "type = \"promise\""),
    ("pages", "M07", "pages_min = 1\npages_max = 20", "pages_min = 21\npages_max = 20"),
    ("id_twice", "M09", "id = \"M09\"", "id = \"M04\""),
    ("version_missing", "catalogue", "version = \"2026.3\"", "version = \"\""),
    ("calendar_date", "calendar", "\"2026-06-19/2026-06-21\"", "\"2026-06-31\""),
    ("calendar_foreign_day", "calendar", "\"2026-06-19/2026-06-21\"", "\"2027-06-19\""),
    ("calendar_year_twice", "calendar", "year = 2026", "year = 2025"),
    ("calendar_both", "calendar", "\"2026-01-04\"", "\"2026-01-03\""),
    ("calendar_source", "calendar", "source = \"全国年节及纪念日放假办法 第二条(推算)\"", "source = \"\""),
    ("calendar_work_on_weekday", "calendar", "\"2026-01-04\"", "\"2026-01-05\""),
    ("wording_vague", "M09", "{ zh = \"本市户籍\"", "{ zh = \"本市户籍等\""),
    ("wording_vague", "M07", "要有医生签名和医院的红章", "要有医生签名和相关证明"),
    ("wording_vague", "dictionary", "拍正反两面,号码要清楚", "拍正反两面,按规定"),
    ("wording_vague_english", "M09", "en = \"Household registered in this city\"", "en = \"Registered here, etc.\""),
    ("words_empty", "M09", "en = \"Free\"", "en = \"\""),
    ("words_not_chinese", "M09", "fee = { zh = \"不收费\"", "fee = { zh = \"free\""),
    ("words_not_english", "M09", "en = \"Free\"", "en = \"免费\""),
    ("label_long", "M09", "label = { zh = \"补贴档次\"", "label = { zh = \"按照年龄自动判定的补贴档次名称\""),
    ("id_shape", "M09", "id = \"M09\"", "id = \"M9\""),
    ("file_name", "M09", "id = \"M09\"", "id = \"M99\""),
    ("gb_type_unknown", "M09", "gb_type = \"05\"", "gb_type = \"55\""),
    ("basis_missing", "M09", "basis = [{ text = \"老年人权益保障法 第三十三条\", verified = true }]", "basis = []"),
    ("window_missing", "M09", "window = { zh = \"综合受理(民政)\"", "window = { zh = \"\""),
    (
        "result_missing",
        "M09",
        "delivery = [\n  { zh = \"到账\", en = \"Paid into the account\" },\n  { zh = \"村里告知\", en = \"Told by the village\" },\n]",
        "delivery = []",
    ),
    (
        "conditions_missing",
        "M04",
        "conditions = [\n  { zh = \"正在领取养老保险待遇\", en = \"Draws a pension\" },\n  { zh = \"本人到场,由代办员或见证人见面;走不动的由代办员上门\", en = \"The resident is seen by the agent or a witness; who cannot walk is visited at home\" },\n]",
        "conditions = []",
    ),
    ("materials_missing", "M04", "[[materials]]\ncode = \"ID\"\n", "materials = []\n"),
    (
        "levels_missing",
        "M04",
        "levels = [\n  { zh = \"村见面认证\", en = \"Village meets the resident\" },\n  { zh = \"县社保经办机构确认\", en = \"County social security office confirms\" },\n]",
        "levels = []",
    ),
    ("fee_missing", "M09", "fee_basis = \"没有收费依据,不得收费\"", "fee_basis = \"\""),
    ("search_missing", "M09", "initials = [\"gljt\", \"gllrshbjbt\", \"glbt\"]", "initials = []"),
    ("initials_shape", "M09", "\"gljt\"", "\"GLJT\""),
    ("source_missing", "M09", "source = \"建议值;村初审5个工作日见当地网页\"", "source = \"\""),
    ("promise_above_law", "M07", "promised = { days = 20", "promised = { days = 31"),
    ("promise_other_unit", "M07", "promised = { days = 20, unit = \"WD\"", "promised = { days = 20, unit = \"D\""),
    ("promise_above_ceiling", "M09", "promised = { days = 20", "promised = { days = 61"),
    ("badge_and_mode", "M09", "mode = \"承诺制\"", "mode = \"即办制\""),
    ("bundle_children", "M33", "children = [\"M05\"", "children = [\"M98\""),
    ("bundle_children", "M09", "mode = \"承诺制\"", "mode = \"综窗制\""),
    ("permit_not_deemed", "M26", "deemed_acceptance = true", "deemed_acceptance = false"),
    ("elsewhere_missing", "M09", "runs_to_site = 0", "runs_to_site = 1"),
    ("season_date", "M41", "from = \"06-01\"", "from = \"06-31\""),
    ("retention", "M09", "retention_days = 30", "retention_days = 3650"),
    (
        "village_proof",
        "M09",
        "hint = { zh = \"住址和户口本不一样时才要:首页一张,本人页一张\"",
        "hint = { zh = \"村委会出具的亲属关系证明\"",
    ),
    (
        "village_proof",
        "M36",
        "provider = { zh = \"本人\", en = \"The resident\" }\ncapture = \"camera\"\npages_min = 1\npages_max = 20\nhint = { zh = \"合同",
        "provider = { zh = \"村委会\", en = \"Committee\" }\ncapture = \"camera\"\npages_min = 1\npages_max = 20\nhint = { zh = \"经济困难证明,合同",
    ),
    ("self_service_contradicted", "M07", "self_service = \"no\"", "self_service = \"yes\""),
    ("self_service_contradicted", "M11", "self_service = \"assisted\"", "self_service = \"yes\""),
    ("self_service_contradicted", "M26", "self_service = \"no\"", "self_service = \"yes\""),
    ("self_service_contradicted", "M15", "self_service = \"no\"", "self_service = \"yes\""),
    ("self_service_contradicted", "M42", "self_service = \"no\"", "self_service = \"assisted\""),
    ("material_twice", "M09", "code = \"PH2\"", "code = \"BK\""),
    ("pages_too_many", "M07", "pages_max = 20", "pages_max = 21"),
    ("mandate_missing", "M09", "[[materials]]\ncode = \"POA\"\n\n", ""),
    ("mandate_forbidden", "M09", "proxy = \"anyone\"", "proxy = \"nobody\""),
    ("guardian_paper_missing", "M09", "[[materials]]\ncode = \"GU\"\n\n", ""),
    ("field_twice", "M09", "key = \"band\"", "key = \"phone\""),
    ("key_clash", "M09", "key = \"band\"", "key = \"capacity\""),
    ("key_clash", "M09", "key = \"band\"", "key = \"residence\""),
    ("choice_twice", "M09", "{ key = \"80\"", "{ key = \"70\""),
    ("choices_few", "M09", "  { key = \"different\", label = { zh = \"不一样\", en = \"Different\" } },\n", ""),
    (
        "ends_in_form",
        "M09",
        "{ key = \"80\", label = { zh = \"80至89岁\", en = \"80 to 89\" } }",
        "{ key = \"80\", label = { zh = \"80至89岁\", en = \"80 to 89\" }, ends = { zh = \"到此为止\", en = \"Ends\" } }",
    ),
    ("default_unknown", "M04", "default = \"meeting\"", "default = \"met\""),
    (
        "when_unknown_key",
        "M09",
        "hint = { zh = \"住址和户口本不一样时才要:首页一张,本人页一张\", en = \"Only when you live elsewhere: first page and own page\" }\nwhen = [{ key = \"residence\"",
        "hint = { zh = \"住址和户口本不一样时才要:首页一张,本人页一张\", en = \"Only when you live elsewhere: first page and own page\" }\nwhen = [{ key = \"residense\"",
    ),
    (
        "when_unknown_value",
        "M04",
        "when = [{ key = \"method\", is = [\"home\"] }]",
        "when = [{ key = \"method\", is = [\"house\"] }]",
    ),
    ("when_circle", "M04", "default = \"meeting\"", "default = \"meeting\"\nwhen = [{ key = \"method\", is = [\"home\"] }]"),
    (
        "check_unknown_field",
        "M09",
        "rule.payee_is_applicant = { field = \"payee\" }",
        "rule.payee_is_applicant = { field = \"payed\" }",
    ),
    (
        "check_field_kind",
        "M09",
        "rule.payee_is_applicant = { field = \"payee\" }",
        "rule.payee_is_applicant = { field = \"band\" }",
    ),
    ("sensitive_missing", "M09", "sensitive = [\"account\"]", "sensitive = []"),
    ("prefill_kind", "M09", "prefill = \"age_band\"", "prefill = \"card_birth\""),
    ("sample_unusable", "M09", "sample = { zh = \"70至79岁\"", "sample = { zh = \"七十岁\""),
    ("sample_real_number", "M07", "每张一行:0000000001 1286.50", "每张一行:110105194912310021 1286.50"),
];

/// What all matters share and the matters that the examples break: reading all of them for every
/// example would take minutes.
const SHARED: [&str; 4] = ["catalogue", "dictionary", "calendar", "M04"];

/// These files with one replacement in one of them, and the line where it was made.
fn broken(file: &str, from: &str, to: &str) -> (Vec<(&'static str, String)>, usize) {
    let mut line = None;
    let files = bundled::FILES
        .iter()
        .filter(|(name, _)| name.starts_with(file) || SHARED.iter().any(|shared| name.starts_with(shared)))
        .map(|(name, text)| {
            if !name.starts_with(file) {
                return (*name, (*text).to_owned());
            }
            let at = text.find(from).unwrap_or_else(|| panic!("{from} does not stand in {name}"));
            line = Some(1 + text[..at].matches('\n').count());
            (*name, text.replacen(from, to, 1))
        })
        .collect::<Vec<_>>();
    (files, line.unwrap_or_else(|| panic!("no file {file}")))
}

fn texts<'a>(files: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    files.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

#[test]
fn a_broken_example_of_every_rule_is_refused_by_that_rule_in_that_file() {
    for (rule, file, from, to) in BROKEN {
        let (files, _) = broken(file, from, to);
        let faults = check(&texts(&files));
        let fits = faults.iter().any(|fault| fault.code == *rule && (fault.file.starts_with(file) || *rule == "id_twice"));
        assert!(fits, "{rule} in {file}: {faults:?}");
        assert!(faults.iter().all(|fault| RULES.contains(&fault.code)), "{faults:?}");
    }
}

#[test]
fn every_rule_has_a_broken_example() {
    let shown: std::collections::BTreeSet<&str> = BROKEN.iter().map(|(rule, ..)| *rule).collect();
    let without: Vec<&&str> = RULES.iter().filter(|rule| !shown.contains(**rule)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn a_fault_names_the_line_that_must_be_mended() {
    for (rule, file, from, to) in [
        ("wording_vague", "M09", "{ zh = \"本市户籍\"", "{ zh = \"本市户籍等\""),
        ("label_long", "M09", "label = { zh = \"补贴档次\"", "label = { zh = \"按照年龄自动判定的补贴档次名称\""),
        ("promise_above_law", "M07", "promised = { days = 20", "promised = { days = 31"),
        ("sample_unusable", "M09", "sample = { zh = \"70至79岁\"", "sample = { zh = \"七十岁\""),
        ("wording_vague", "dictionary", "拍正反两面,号码要清楚", "拍正反两面,按规定"),
        ("toml", "M09", "gb_type = \"05\"", "gb_type = 05"),
        ("use_unknown", "M09", "[[groups]]\nuse = \"applicant\"", "[[groups]]\nuse = \"aplicant\""),
        ("sensitive_missing", "M09", "sensitive = [\"account\"]", "sensitive = []"),
    ] {
        let (files, line) = broken(file, from, to);
        let lines: Vec<usize> =
            check(&texts(&files)).into_iter().filter(|f| f.code == rule && f.file.starts_with(file)).map(|f| f.line).collect();
        assert!(lines.contains(&line), "{rule}: told {lines:?}, is {line}");
    }
}

#[test]
fn one_broken_file_does_not_hide_the_others() {
    let (files, _) = broken("M09", "gb_type = \"05\"", "gb_type = ");
    let files = texts(&files);
    let (catalogue, faults) = Catalogue::parse_lenient("", &files);
    let ids: Vec<&str> = catalogue.matters().iter().map(|matter| matter.id.as_str()).collect();
    assert_eq!(ids, ["M04"]);
    assert!(faults.iter().all(|fault| fault.file.starts_with("M09") && fault.line > 0), "{faults:?}");
    assert_eq!(Catalogue::parse("", &files).unwrap_err(), faults);
}

/// 其他 → the text is required (§4.2): only then may a choice be called so.
#[test]
fn a_choice_called_other_must_ask_what_it_means() {
    let choice = ", { key = \"100\", label = { zh = \"100岁以上\", en = \"100 and older\" } },\n";
    let other = ", { key = \"100\", label = { zh = \"100岁以上\", en = \"100 and older\" } },\n  { key = \"other\", label = { zh = \"其他\", en = \"Another\" } },\n";
    let (choice, other) = (choice.trim_start_matches(", "), other.trim_start_matches(", "));
    let (mut files, _) = broken("M09", choice, other);
    let vague = |files: &[(&'static str, String)]| check(&texts(files)).iter().any(|fault| fault.code == "wording_vague");
    assert!(vague(&files));
    let text = "[[groups.fields]]\nkey = \"which\"\nlabel = { zh = \"是哪一种\", en = \"Which\" }\nsample = { zh = \"样本\", en = \"Sample\" }\ntype = \"text\"\nwhen = [{ key = \"band\", is = [\"other\"] }]\n\n[[groups.fields]]\nkey = \"payee\"";
    let (_, m09) = files.iter_mut().find(|(name, _)| name.starts_with("M09")).unwrap();
    *m09 = m09.replacen("[[groups.fields]]\nkey = \"payee\"", text, 1);
    assert!(!vague(&files), "{:?}", check(&texts(&files)));
}

#[test]
fn a_basis_is_named_not_waved_at() {
    for basis in ["《老年人权益保障法》等法律", "相关法律法规", "按规定"] {
        let (files, line) = broken("M09", "老年人权益保障法 第三十三条", basis);
        let faults = check(&texts(&files));
        assert!(faults.iter().any(|fault| fault.code == "wording_vague" && fault.line == line), "{basis}: {faults:?}");
    }
}
