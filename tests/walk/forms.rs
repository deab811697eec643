//! A town with a catalogue of its own: an address by touch, a draft that moves into the next version, a
//! signature and a photo where the form asks for them, and who may come for somebody else.

use std::path::Path;

use super::{Asked, demo, filing, pilot::Pilot};
use crate::support::{children::root, desktop::Desktop, town::Town};

pub fn walk(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    if let Some(pictures) = &asked.pictures {
        std::fs::create_dir_all(pictures).expect("folder for pictures can be made");
    }
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    town.configure(&demo::devices(Some(&card_dir), root().join("assets/demo/pages")), true);
    town.admit(&addresses);
    let catalogue = dir.join("catalogue");
    publish(&catalogue.join("a"), |name, text| if name == "catalogue.toml" { text + PLACES } else { text });
    let config = std::fs::read_to_string(town.config()).expect("the configuration was written");
    let line = format!("catalogue_dir = {}\n", toml::Value::String(catalogue.display().to_string()));
    std::fs::write(town.config(), line + &config).expect("demo folder can be written");

    let desktop = Desktop::start(dir, asked.width, asked.height);
    let mut pilot = {
        let _window = demo::window(&town, &desktop);
        let mut pilot = Pilot::new(&desktop, asked.pictures.as_deref());
        filing::sign_in(&mut pilot);
        who_comes(&mut pilot);
        begun(&mut pilot);
        pilot
    };
    publish(&catalogue.join("b"), newer);
    let _window = demo::window(&town, &desktop);
    filing::sign_in(&mut pilot);
    moved(&mut pilot);
}

const PLACES: &str = "\n[[places]]\nregion = \"610113\"\ntown = \"样本镇\"\nvillages = [\"石榴村\", \"东渠村\"]\n";

/// Writes a version of the catalogue: the built-in one, changed.
fn publish(dir: &Path, change: impl Fn(&str, String) -> String) {
    std::fs::create_dir_all(dir).expect("demo folder can be made");
    for entry in std::fs::read_dir(root().join("assets/catalogue")).expect("the catalogue is there") {
        let path = entry.expect("the folder can be listed").path();
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a file of the catalogue");
        std::fs::write(dir.join(&name), change(&name, text)).expect("demo folder can be written");
    }
}

/// M31 asks no more from where somebody moves, and for a signature and a photo instead.
fn newer(name: &str, text: String) -> String {
    if name == "catalogue.toml" {
        return text.replacen("2026.3", "2026.4", 1).replacen("2026-11-01", "2026-11-02", 1) + PLACES;
    }
    if !name.starts_with("M31") {
        return text;
    }
    let (before, from) = text.split_once("[[groups.fields]]\nkey = \"out_addr\"").expect("M31 asks from where");
    let (_, after) = from.split_once("[[groups.fields]]").expect("and more");
    let asked = "[[groups.fields]]\nkey = \"own_sign\"\nlabel = { zh = \"本人签名\", en = \"Signature\" }\n\
                 sample = { zh = \"张三\", en = \"Zhang San\" }\ntype = \"signature\"\n\n\
                 [[groups.fields]]\nkey = \"face\"\nlabel = { zh = \"现场照片\", en = \"Photo\" }\n\
                 sample = { zh = \"正面免冠照片\", en = \"Face, no hat\" }\ntype = \"photo\"\n\n";
    let (fields, check) = after.split_once("[[checks]]").expect("M31 has a check");
    assert!(check.contains("out_addr"), "only that check names it");
    format!("{before}[[groups.fields]]{fields}{asked}")
}

/// Who may come for somebody: guardian and village committee, as their forms look.
fn who_comes(pilot: &mut Pilot) {
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.click_for("已告知，居民同意", "请把身份证平放在读卡器上");
    pilot.click_for("放上样卡 李样本", "芯片读取");
    pilot.click_for("监护人来办", "谁是监护人");
    pilot.picture("guardian");
    pilot.click_for("村委会来办", "村委会谁来办");
    pilot.click("下一步：选事项");
    pilot.sees("请写明原因");
    pilot.picture("committee");
    pilot.click("本人来办");
    pilot.click_for("下一步：选事项", "搜事项");
}

/// A form half filled under the older version, and kept.
fn begun(pilot: &mut Pilot) {
    pilot.fill("搜事项", "qhk");
    pilot.click_for("办理：户口迁移(预审)", "今天带了吗");
    pilot.click("上学");
    for paper in ["户口簿首页和本人页", "录取通知书"] {
        pilot.click(paper);
    }
    pilot.sees("材料齐了");
    pilot.click_for("开始填表", "第 1 组");
    pilot.fill("联系电话", "029-00000003");
    pilot.click("和户籍一样");
    pilot.click("户主本人");
    pilot.click_for("下一组", "第 2 组");
    pilot.click_for("从哪里迁出 从省市县里点选", "先点省，或直接点本镇");
    pilot.picture("places-provinces");
    pilot.click_for("陕西省", "陕西省：往下点");
    pilot.click_for("西安市", "陕西省西安市：往下点");
    pilot.picture("places-counties");
    pilot.click_for("从哪里迁出 上一级", "陕西省：往下点");
    pilot.click_for("西安市", "陕西省西安市：往下点");
    pilot.click_for("雁塔区", "陕西省西安市雁塔区：往下点");
    pilot.click_for("样本镇", "东渠村");
    pilot.click("东渠村");
    pilot.sees("陕西省西安市雁塔区样本镇东渠村");
    pilot.picture("places-village");
    pilot.click_for("加一个人", "第 1 人");
    pilot.picture("member");
    pilot.click_for("存为草稿，先办别人", "新办一件");
}

/// The draft opened under the newer version: what changed is told, what is asked anew is given.
fn moved(pilot: &mut Pilot) {
    pilot.click_for("继续", "事项目录换了新版：2026.3 → 2026.4");
    pilot.sees("旧版填写");
    pilot.sees("陕西省西安市雁塔区样本镇东渠村");
    pilot.picture("moved");
    pilot.click_for("开始填表", "第 1 组");
    pilot.click_for("下一组", "第 2 组");
    pilot.picture("signature-empty");
    pilot.draw("在这里签名：本人签名", &[&[(20, 30), (30, 70), (45, 25), (50, 75)], &[(60, 30), (70, 60), (85, 35)]]);
    pilot.picture("signature");
    pilot.click_for("就用这个签名：本人签名", "重来：本人签名");
    pilot.picture("signature-kept");
}
