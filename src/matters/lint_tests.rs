use super::*;
use crate::bundled;

#[test]
fn the_built_in_catalogue_passes_every_rule() {
    let faults = check(bundled::FILES);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

/// 等 and 其他 inside words, as a verb, denied, or naming somebody: nothing to refuse.
const GOOD: &str = include_str!("lint/good_lines.txt");

/// What an office would use to ask for more than it says.
const BAD: &str = include_str!("lint/bad_lines.txt");

#[test]
fn good_lines_pass_and_bad_lines_are_refused() {
    assert!(GOOD.lines().count() >= 20 && BAD.lines().count() >= 20);
    let wrong: Vec<&str> = GOOD.lines().filter(|line| vague_chinese(line).is_some()).collect();
    assert!(wrong.is_empty(), "refused without need: {wrong:?}");
    let missed: Vec<&str> = BAD.lines().filter(|line| vague_chinese(line).is_none()).collect();
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
    ("promise_above_law", "M36", "promised = { days = 7, unit = \"D\"", "promised = { days = 6, unit = \"WD\""),
    ("promise_above_law", "M07", "promised = { days = 20, unit = \"WD\"", "promised = { days = 60, unit = \"D\""),
    (
        "place_region",
        "catalogue",
        "# Where no law",
        "places = [{ region = \"999999\", town = \"样本镇\", villages = [\"石榴村\"] }]\n# Where no law",
    ),
    (
        "place_empty",
        "catalogue",
        "# Where no law",
        "places = [{ region = \"000000\", town = \"样本镇\", villages = [] }]\n# Where no law",
    ),
    ("promise_above_ceiling", "M09", "promised = { days = 20", "promised = { days = 61"),
    ("badge_and_mode", "M09", "mode = \"承诺制\"", "mode = \"即办制\""),
    ("bundle_children", "M33", "children = [\"M05\"", "children = [\"M98\""),
    ("bundle_children", "M09", "mode = \"承诺制\"", "mode = \"综窗制\""),
    ("permit_not_deemed", "M26", "deemed_acceptance = true", "deemed_acceptance = false"),
    ("elsewhere_missing", "M09", "runs_to_site = 0", "runs_to_site = 1"),
    ("elsewhere_missing", "M09", "runs_to_site = 0", "runs_to_site = 0\nfiled_here = false"),
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
    ("repeat_unknown_field", "M07", "once = [\"invoices\"]", "once = [\"bills\"]"),
    ("repeat_unknown_field", "M16", "once = [\"applicant\", \"cause\"]", "once = [\"household\"]"),
    ("repeat_unknown_field", "M07", "once = [\"invoices\"]", "once = []"),
    ("clock_runs_on", "M25", "special = [", "clock = { stop_on = [\"待补正\"] }\nspecial = ["),
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

/// Working days against natural days: the worst day of the calendar decides.
#[test]
fn a_promise_in_other_days_than_the_law_is_compared_by_the_calendar() {
    let above = |file, from: &str, to: &str| {
        let (files, _) = broken(file, from, to);
        let fault = check(&texts(&files)).into_iter().find(|fault| fault.code == "promise_above_law");
        fault.map(|fault| fault.detail)
    };
    let legal_aid = |promised: &str| above("M36", "promised = { days = 7, unit = \"D\"", &format!("promised = {{ {promised}"));
    assert_eq!(legal_aid("days = 1, unit = \"WD\""), None, "even before the longest holidays");
    // From the day before the spring festival of 2025 two working days end on the second day of work
    // after it, seven natural ones on the first.
    assert_eq!(legal_aid("days = 2, unit = \"WD\"").as_deref(), Some("2wd > 7d (2025-01-27: 2025-02-06 > 2025-02-05)"));
    assert!(legal_aid("days = 0, unit = \"WD\"").is_none());
    let refund = |promised: &str| above("M07", "promised = { days = 20, unit = \"WD\"", &format!("promised = {{ {promised}"));
    assert_eq!(refund("days = 39, unit = \"D\""), None, "thirty working days are never shorter");
    // Six weeks and a worked Saturday or two.
    assert_eq!(refund("days = 42, unit = \"D\"").as_deref(), Some("42d > 30wd (2025-02-04: 2025-03-18 > 2025-03-17)"));
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
