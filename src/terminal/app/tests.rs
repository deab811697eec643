//! The whole window against scripted workers: what is seen, what is ordered, what is forgotten.

use std::time::Duration;

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use jiff::Timestamp;
use matters::{AgentAccount, CardKind, Identity, Personal, Role, Sex, Source};
use outbox::{Particulars, QueueSummary};
use uuid::Uuid;

use super::{App, Begin, Start};
use crate::{
    catalogue::Town,
    clock::Clock,
    config::{self, Config},
    ids::Ids,
    screen::{Screen, specimen},
    speech::{
        CabinetTrouble, CameraOrder, CardFact, Fact, LineFact, Opened, Order, Overview, Place, Question, SignInRefused, Wish,
    },
    visit::CardOnReader,
    worker::{Ends, Workers},
};

#[path = "bad_input_tests.rs"]
mod bad_input;
#[path = "town_tests.rs"]
mod town;

const NOW: &str = "2026-11-23T01:42:00Z";

/// A window whose workers are played by the test.
struct Stage {
    window: Harness<'static, App>,
    ends: Ends,
    clock: Clock,
}

fn config() -> Config {
    let text = "data_dir = \"/nowhere\"\n[devices]\ncard_stand_in = true\ncamera = \"off\"\n";
    config::parse(text).unwrap()
}

fn open(begin: impl FnOnce(Workers) -> Begin) -> Stage {
    open_as(begin, |start| start)
}

/// Working, with something of the start changed.
fn open_with(change: impl FnOnce(Start) -> Start) -> Stage {
    open_as(|workers| Begin::With(Box::new(workers)), change)
}

fn open_as(begin: impl FnOnce(Workers) -> Begin, change: impl FnOnce(Start) -> Start) -> Stage {
    let clock = Clock::hand(NOW.parse().unwrap());
    let (workers, ends) = Workers::channels(|| {});
    let start = Start {
        config: config(),
        config_file: "/nowhere/terminal.toml".into(),
        clock: clock.clone(),
        ids: Ids::counted(),
        town: Town::bundled(),
        begin: begin(workers),
    };
    let start = change(start);
    let window =
        Harness::builder().with_size([1920.0, 1080.0]).with_max_steps(20).build_eframe(move |cc| App::new(&cc.egui_ctx, start));
    Stage { window, ends, clock }
}

impl Stage {
    /// The cabinet is open, two agents are known.
    fn admitted() -> Self {
        let mut stage = open(|workers| Begin::With(Box::new(workers)));
        let particulars = Particulars {
            point: "SLC".into(),
            point_name: "石榴村便民服务点".into(),
            point_hours: "09:00–12:00，14:00–17:30".into(),
            point_phone: "029-0000 0003".into(),
            hall_name: "样本镇综合服务大厅".into(),
            hall_phone: "029-0000 0001".into(),
            supervision_phone: "029-0000 0002".into(),
            hall_keys: Vec::new(),
            bundle: None,
            recovery: None,
        };
        let opened = Opened { terminal: "T1".into(), particulars, restored: false, free_space_ok: true };
        stage.learn(Fact::Opened(Box::new(opened)));
        stage.learn(Fact::Overview(Box::new(Overview { agents: vec![agent("wang", "王样本")], ..Overview::default() })));
        stage
    }

    fn signed_in() -> Self {
        let mut stage = Self::admitted();
        stage.learn(Fact::SignedIn { agent: agent("wang", "王样本") });
        stage
    }

    /// Serving somebody: the notice was given.
    fn serving() -> Self {
        let mut stage = Self::signed_in();
        stage.click("新办一件");
        stage.click("已告知，居民同意");
        stage
    }

    fn learn(&mut self, fact: Fact) {
        assert!(self.ends.post.send(fact));
        self.window.run();
    }

    fn click(&mut self, name: &str) {
        self.window.get_by_label(name).click();
        self.window.run();
    }

    fn wish(&mut self, wish: Wish) {
        let ctx = self.window.ctx.clone();
        self.window.state_mut().apply(&ctx, wish);
        self.window.run();
    }

    fn wait(&mut self, by: Duration) {
        self.clock.advance(by);
        self.window.run();
    }

    fn place(&self) -> Option<Place> {
        self.window.state().screen.place()
    }

    fn sees(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    fn orders(&self) -> Vec<Order> {
        self.ends.orders.try_iter().collect()
    }

    /// Name of the person in the draft, if any.
    fn served(&self) -> Option<String> {
        self.window.state().visit.applicant().map(|person| person.name.expose().clone())
    }

    fn read(&mut self, name: &str, birth: &str) {
        self.learn(Fact::Card(CardFact::Present));
        self.learn(Fact::Card(CardFact::Read(Box::new(person(name, birth)))));
    }
}

fn agent(account: &str, name: &str) -> AgentAccount {
    AgentAccount {
        account: account.into(),
        name: name.into(),
        verifier: String::new(),
        role: Role::Agent,
        valid_until: "2030-01-01".parse().unwrap(),
        post: "A".into(),
        phone: "029-0000 0003".into(),
    }
}

fn person(name: &str, birth: &str) -> Identity {
    Identity {
        source: Source::Card { read_event: Uuid::from_u128(9), read_at: NOW.parse().unwrap() },
        card: CardKind::ResidentId,
        name: Personal::from(name),
        sex: Sex::Female,
        nation: None,
        birth: None,
        address: Personal::from("某省某市样本县样本镇石榴村3组12号"),
        number: Personal::from(specimen::number(birth, 2)),
        issuer: "样本县公安局".into(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

#[test]
fn the_sign_in_says_how_many_tries_are_left_and_until_when_it_is_locked() {
    let mut stage = Stage::admitted();
    assert!(stage.sees("请登录") && stage.sees("石榴村便民服务点"));
    stage.learn(Fact::SignInRefused(SignInRefused::WrongPassword { left: 2 }));
    assert!(stage.sees("密码不对，还可以试 2 次"));
    let until: Timestamp = "2026-11-23T01:47:00Z".parse().unwrap();
    stage.learn(Fact::SignInRefused(SignInRefused::Locked { until }));
    assert!(stage.sees("输错太多次，09:47 以后再试"));
    stage.learn(Fact::SignInRefused(SignInRefused::Expired));
    assert!(stage.sees("这个账号过期了"));
}

#[test]
fn a_password_is_typed_or_pressed_and_goes_to_records() {
    let mut stage = Stage::admitted();
    stage.click("王样本");
    for key in ["2", "4", "6"] {
        stage.click(key);
    }
    stage.click("退格");
    stage.window.get_by_role(egui::accesskit::Role::PasswordInput).type_text("x");
    stage.window.run();
    stage.click("登录");
    let password = stage.orders().into_iter().find_map(|order| match order {
        Order::SignIn { account, password } if account == "wang" => Some(password),
        _ => None,
    });
    assert_eq!(password.unwrap().expose(), "24x");
    assert!(stage.sees("正在核对"));
}

#[test]
fn everything_wrong_with_the_configuration_stands_on_one_screen() {
    let complaints = config::parse("colour = 1\n[devices]\ncard = \"ubs\"").unwrap_err();
    let count = complaints.len();
    let mut stage = open(|_| Begin::Wrong(complaints));
    stage.window.run();
    assert!(stage.sees(&format!("配置文件有 {count} 处要改")));
    for words in ["data_dir", "缺这一项", "colour", "没有这一项", "devices.card", "pcsc · off", "/nowhere/terminal.toml"]
    {
        assert!(stage.sees(words), "{words}");
    }
    assert!(stage.place().is_none());
}

#[test]
fn offline_the_window_says_that_work_goes_on_and_what_the_hall_has_not_received() {
    let mut stage = Stage::signed_in();
    let queue = QueueSummary {
        filings_waiting: 4,
        pages_waiting: 31,
        bytes_total: 12_400_000,
        bytes_sent: 4_700_000,
        ..Default::default()
    };
    stage.learn(Fact::Overview(Box::new(Overview { queue, ..Overview::default() })));
    stage.learn(Fact::Line(LineFact::Down { code: "no_network".into() }));
    assert!(stage.sees("网络断开。"));
    assert!(stage.sees("照常收件：已办的都保存在本机，恢复后自动上传，不用重办。4 件镇街还没收到。"));
    assert!(stage.sees("件镇街还没收到 · 共 31 页 12.4 MB"));
    stage.learn(Fact::Line(LineFact::Up { hall_time: NOW.parse().unwrap(), skew_ms: Some(0) }));
    assert!(!stage.sees("网络断开"));
}

#[test]
fn every_trouble_of_the_cabinet_has_its_screen_with_what_is_safe_and_what_to_do() {
    for (code, title, safe, act) in [
        ("cabinet_wrong_key", "本机的钥匙打不开档案柜", "草稿和待传件都在", "不要删除档案柜文件"),
        ("cabinet_newer_schema", "档案柜是更新的版本写的", "没有被改动", "装上新版本"),
        ("cabinet_damaged", "档案柜有损坏", "没有删除任何东西", "马上告诉镇街管理员"),
        ("cabinet_full", "磁盘快满了", "不会丢", "清出空间"),
        ("cabinet_held", "程序已经开着", "没有受影响", "切换到已经打开的窗口"),
        ("cabinet_key_mode", "钥匙文件谁都能看", "没有被打开", "600"),
    ] {
        let mut stage = Stage::signed_in();
        stage.learn(Fact::CabinetShut(CabinetTrouble { code, reference: "1A2B3C4D".into() }));
        for words in [title, safe, act, "1A2B3C4D", "重新打开"] {
            assert!(stage.sees(words), "{code}: {words}");
        }
        assert!(stage.window.state().session.is_none());
    }
}

#[test]
fn a_write_that_fails_says_what_is_safe_and_the_draft_is_saved_later() {
    let mut stage = Stage::serving();
    stage.learn(Fact::Cabinet(CabinetTrouble { code: "cabinet_full", reference: "00C0FFEE".into() }));
    assert!(stage.sees("磁盘快满了") && stage.sees("编号 00C0FFEE"));
    stage.click("知道了");
    assert!(!stage.sees("磁盘快满了"));
}

#[test]
fn a_card_reaches_the_form_only_after_the_notice_and_another_card_asks() {
    let mut stage = Stage::signed_in();
    stage.read("李样本", "19491231");
    // Laid down at home: a visit begins with the notice, and nothing is taken yet.
    assert!(stage.sees("办事前，请先念给居民听"));
    assert_eq!(stage.served(), None);
    assert!(!stage.sees("李样本"));
    stage.click("已告知，居民同意");
    assert_eq!(stage.served().as_deref(), Some("李样本"));
    stage.read("张样例", "19500308");
    assert!(stage.sees("读卡器上是另一个人的卡"));
    assert_eq!(stage.served().as_deref(), Some("李样本"));
    stage.click("放错了，接着办原来的");
    assert_eq!(stage.served().as_deref(), Some("李样本"));
    stage.read("张样例", "19500308");
    stage.click("换人：给这张卡的人办");
    assert_eq!(stage.served(), None, "the new person is told first");
    stage.click("已告知，居民同意");
    assert_eq!(stage.served().as_deref(), Some("张样例"));
}

#[test]
fn without_an_agent_a_card_is_nobodys_business() {
    let mut stage = Stage::admitted();
    stage.read("李样本", "19491231");
    assert_eq!(stage.served(), None);
    assert!(matches!(stage.window.state().visit.card, CardOnReader::Nothing));
    assert_eq!(stage.place(), Some(Place::SignIn));
}

#[test]
fn a_card_taken_away_in_the_middle_leaves_nothing() {
    let mut stage = Stage::serving();
    stage.learn(Fact::Card(CardFact::Present));
    stage.learn(Fact::Card(CardFact::Reading));
    stage.learn(Fact::Card(CardFact::Removed));
    assert!(matches!(stage.window.state().visit.card, CardOnReader::Nothing));
    assert_eq!(stage.served(), None);
    // And one taken away before anything was chosen empties the screen again.
    stage.read("李样本", "19491231");
    stage.learn(Fact::Card(CardFact::Removed));
    assert_eq!(stage.served(), None);
}

#[test]
fn a_photo_is_shown_with_the_read_that_it_came_with_and_forgotten_with_the_visit() {
    let mut stage = Stage::serving();
    let photo = |event| CardFact::Photo {
        read_event: Uuid::from_u128(event),
        image: egui::ColorImage::filled([102, 126], egui::Color32::GRAY),
    };
    stage.learn(Fact::Card(photo(9)));
    assert!(stage.window.state().textures.is_empty(), "nobody is served yet");
    stage.read("李样本", "19491231");
    stage.learn(Fact::Card(photo(8)));
    assert!(stage.window.state().textures.is_empty(), "another person's photo, too late");
    stage.learn(Fact::Card(photo(9)));
    let textures = &stage.window.state().textures;
    assert!(textures.photo(Uuid::from_u128(9)).is_some() && textures.photo(Uuid::from_u128(8)).is_none());
    assert!(stage.sees("照片") && !stage.sees("照片未解码"));
    stage.wish(Wish::EndVisit);
    assert!(stage.window.state().textures.is_empty());
}

#[test]
fn a_refused_notice_keeps_nothing() {
    let mut stage = Stage::signed_in();
    stage.read("李样本", "19491231");
    stage.click("居民不同意，不办了");
    assert_eq!(stage.place(), Some(Place::Home));
    assert!(stage.window.state().visit.draft.is_none());
    assert!(!stage.orders().iter().any(|order| matches!(order, Order::SaveDraft(_))));
}

#[test]
fn what_is_answered_is_on_its_way_to_the_disk_within_a_second() {
    let mut stage = Stage::serving();
    stage.read("李样本", "19491231");
    stage.wait(Duration::from_millis(600));
    let saved = stage.orders().into_iter().filter(|order| matches!(order, Order::SaveDraft(_))).count();
    assert_eq!(saved, 1);
    assert!(stage.window.state().visit.dirty);
    let id = stage.window.state().visit.draft.as_ref().unwrap().id;
    stage.learn(Fact::DraftSaved { id, at: NOW.parse().unwrap() });
    assert!(!stage.window.state().visit.dirty);
    // Leaving a screen does not wait for the half second.
    stage.wish(Wish::Situation { key: "k".into(), choice: "c".into() });
    stage.wish(Wish::EndVisit);
    assert!(stage.orders().iter().any(|order| matches!(order, Order::SaveDraft(draft) if draft.situations.contains_key("k"))));
}

#[test]
fn next_resident_sees_nothing() {
    let mut stage = Stage::serving();
    stage.click("没带身份证、读不出：手工录入");
    let name =
        |stage: &Stage| stage.window.get_by_role_and_label(egui::accesskit::Role::TextInput, "姓名").value().unwrap_or_default();
    stage.window.get_by_role_and_label(egui::accesskit::Role::TextInput, "姓名").focus();
    stage.window.run();
    stage.window.get_by_role_and_label(egui::accesskit::Role::TextInput, "姓名").type_text("张三丰");
    stage.window.run();
    assert_eq!(name(&stage), "张三丰");
    // The field's undo remembers a text once it has stood for a second.
    stage.window.run_steps(10);
    let image = egui::ColorImage::filled([4, 4], egui::Color32::WHITE);
    let digest = matters::Digest::of(b"page");
    let ctx = stage.window.ctx.clone();
    stage.window.state_mut().textures.set_page(&ctx, digest, image);

    stage.wish(Wish::EndVisit);
    let app = stage.window.state();
    assert!(app.textures.is_empty() && app.visit.draft.is_none() && app.visit.card_is_nothing());
    assert!(stage.ends.camera.try_iter().any(|order| matches!(order, CameraOrder::Forget)));

    stage.click("新办一件");
    stage.click("已告知，居民同意");
    stage.click("没带身份证、读不出：手工录入");
    stage.window.get_by_role_and_label(egui::accesskit::Role::TextInput, "姓名").focus();
    stage.window.run();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    stage.window.run();
    assert_eq!(name(&stage), "");
    assert!(!stage.sees("张三丰"));
}

#[test]
fn the_window_locks_itself_and_forgets_the_person() {
    let mut stage = Stage::serving();
    stage.read("李样本", "19491231");
    stage.wait(Duration::from_secs(4 * 60));
    assert_eq!(stage.place(), Some(Place::Person));
    stage.wait(Duration::from_secs(61));
    assert_eq!(stage.place(), Some(Place::SignIn));
    assert!(stage.window.state().visit.draft.is_none() && !stage.sees("李样本"));
    assert!(stage.orders().iter().any(|order| matches!(order, Order::SaveDraft(_))), "the draft was kept");
}

#[test]
fn an_idle_window_asks_for_no_repaint_but_the_next_minute() {
    for mut stage in [Stage::admitted(), Stage::signed_in()] {
        stage.window.run();
        let delay = stage.window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        assert!(delay >= Duration::from_secs(1), "{delay:?}");
    }
}

#[test]
fn a_full_channel_becomes_a_sentence() {
    let mut stage = Stage::serving();
    // Nobody takes the orders: after the last place is taken the screen says so.
    for n in 0..200 {
        stage.wish(Wish::DeletePage { material: format!("M{n}"), order: 1 });
    }
    assert!(stage.sees("稍等再按一次"));
}

#[test]
fn a_dead_record_keeper_stops_the_window_with_what_is_safe() {
    let mut stage = Stage::serving();
    stage.learn(Fact::RecordsDied);
    assert!(stage.sees("程序出错，停下了") && stage.sees("都在本机"));
    stage.click("重新打开");
    assert!(stage.window.state().restart);
}

#[test]
fn without_a_configuration_the_window_asks_for_hall_and_code() {
    let mut stage = open(|_| Begin::Admit);
    stage.window.run();
    assert!(stage.sees("这台机器还没有准入"));
    assert!(matches!(stage.window.state().screen, Screen::Admit(_)));
    assert!(stage.window.get_by_label("准入本机").accesskit_node().is_disabled());
}

#[test]
fn opening_a_draft_leads_back_to_its_step() {
    let mut stage = Stage::serving();
    stage.read("李样本", "19491231");
    stage.wish(Wish::Choose { matter: "M09".into() });
    let mut draft = stage.window.state().visit.draft.clone().unwrap();
    draft.step = "Checklist".into();
    stage.wish(Wish::EndVisit);
    stage.wish(Wish::OpenDraft(draft.id));
    assert!(stage.ends.questions.try_iter().any(|question| matches!(question, Question::Draft(id) if id == draft.id)));
    stage.learn(Fact::DraftLoaded(Box::new(draft)));
    assert_eq!(stage.place(), Some(Place::Checklist));
    assert_eq!(stage.served().as_deref(), Some("李样本"));
}

#[test]
fn a_correction_opens_from_the_day_and_its_band_goes_when_the_hall_has_it() {
    let mut stage = Stage::signed_in();
    let mut full = crate::screen::desk::in_correction();
    let filing = full.row.id;
    stage.learn(Fact::Overview(Box::new(Overview { filings: vec![full.row.clone()], ..Overview::default() })));
    stage.window.get_by_label_contains("去补").click();
    stage.window.run();
    assert!(stage.ends.questions.try_iter().any(|question| matches!(question, Question::Filing(id) if id == filing)));
    stage.learn(Fact::FilingLoaded(Box::new(full.clone())));
    assert_eq!(stage.place(), Some(Place::Correction));
    stage.wish(Wish::SendSupplement);
    let act = stage
        .orders()
        .into_iter()
        .find_map(|order| if let Order::Enqueue { act, .. } = order { Some(*act) } else { None })
        .expect("the answer was ordered");
    stage.learn(Fact::Enqueued { act: act.id });
    full.acts.push((act.clone(), outbox::ActState::Waiting));
    stage.learn(Fact::FilingLoaded(Box::new(full.clone())));
    assert!(stage.sees("正在排队送镇街"), "said as long as it is true");
    let case = full.row.case.as_mut().expect("a case");
    case.answered.extend(case.correction.take());
    case.state = matters::State::Corrected;
    full.acts[0] = (act, outbox::ActState::Acknowledged { at: NOW.parse().unwrap() });
    stage.learn(Fact::FilingLoaded(Box::new(full)));
    assert!(!stage.sees("正在排队送镇街"), "no longer true");
    assert!(stage.sees("一次性告知补正 2 处"), "what was asked stays readable");
}
