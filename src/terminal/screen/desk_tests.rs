//! The whole window with its workers played by the test: orders are answered as the cabinet would.

use eframe::egui;
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use jiff::{Timestamp, civil::Date};
use matters::{
    About, ActedBy, AgentAccount, Capacity, CardKind, CaseView, Correction, CorrectionItem, Digest, Filing, Identity, Nation,
    NoticeGiven, PageRef, Personal, PointRef, Role, Sex, Source, State, ValidUntil, Value,
};
use outbox::{Draft, FilingFull, FilingRow, Particulars, Stage};
use uuid::Uuid;

use crate::{
    app::{App, Begin, Start},
    catalogue::Town,
    clock::Clock,
    config::Config,
    ids::Ids,
    screen::specimen,
    speech::{CameraFact, CameraOrder, CardFact, Fact, Make, Opened, Order, Overview, Question, Spot},
    worker::{Ends, Workers, slot::Preview},
};

/// 2026-11-24 09:42 at the hall's place.
const NOW: &str = "2026-11-24T01:42:00Z";

pub struct Desk {
    pub harness: Harness<'static, App>,
    pub ends: Ends,
    clock: Clock,
    /// The draft as records last had it.
    pub draft: Option<Draft>,
    pub pages: Vec<PageRef>,
    /// How every picture was to be made, in order.
    pub makes: Vec<Make>,
    shots: u32,
    /// From the camera's worker to records.
    records: Vec<Order>,
    pub sealed: Vec<Uuid>,
    /// Acts that were enqueued.
    pub acts: Vec<matters::Act>,
    /// What was switched on the queue's screen, in order.
    pub switches: Vec<(&'static str, bool)>,
    pub overview: Overview,
    /// What the reader brings when a filing is asked for.
    pub filing: Option<FilingFull>,
}

pub fn agent() -> AgentAccount {
    AgentAccount {
        account: "wang".into(),
        name: "王样本".into(),
        verifier: String::new(),
        role: Role::Agent,
        valid_until: Date::constant(2030, 1, 1),
        post: "A".into(),
        phone: "029-88880001".into(),
    }
}

pub fn particulars() -> Particulars {
    Particulars {
        point: "SLC".into(),
        point_name: "石榴村便民服务点".into(),
        point_hours: "09:00-12:00, 14:00-17:30".into(),
        point_phone: "029-88880001".into(),
        hall_name: "样本镇综合服务大厅".into(),
        hall_phone: "029-88880002".into(),
        supervision_phone: "029-88880003".into(),
        hall_keys: Vec::new(),
        bundle: None,
        recovery: None,
    }
}

pub fn person(read_event: Uuid) -> Identity {
    Identity {
        source: Source::Card { read_event, read_at: NOW.parse().expect("a time") },
        card: CardKind::ResidentId,
        name: Personal::from("李样本"),
        sex: Sex::Female,
        nation: Some(Nation { code: "01".into(), name: "汉".into() }),
        birth: Some(Date::constant(1950, 3, 8)),
        address: Personal::from("某省某市样本县样本镇石榴村3组12号"),
        number: Personal::new(specimen::number("19500308", 2)),
        issuer: "样本县公安局".into(),
        valid_from: Some(Date::constant(2020, 1, 1)),
        valid_until: Some(ValidUntil::LongTerm),
        warnings: Vec::new(),
    }
}

impl Desk {
    /// An agent signed in, on the first screen.
    pub fn open() -> Self {
        Self::sized(1920.0, 1080.0)
    }

    pub fn sized(width: f32, height: f32) -> Self {
        Self::of(Town::bundled(), width, height)
    }

    /// In a town with a catalogue of its own.
    pub fn of(town: Town, width: f32, height: f32) -> Self {
        let clock = Clock::hand(NOW.parse().expect("a time"));
        let (workers, ends) = Workers::channels(|| {});
        let start = Start {
            config: Config::fresh(std::path::Path::new("/nowhere/terminal.toml")),
            config_file: "/nowhere/terminal.toml".into(),
            clock: clock.clone(),
            ids: Ids::counted(),
            town,
            begin: Begin::With(Box::new(workers)),
        };
        let harness = Harness::builder()
            .with_size(egui::vec2(width, height))
            .with_max_steps(12)
            .build_eframe(move |cc| App::new(&cc.egui_ctx, start));
        let mut desk = Self {
            harness,
            ends,
            clock,
            draft: None,
            pages: Vec::new(),
            makes: Vec::new(),
            shots: 0,
            records: Vec::new(),
            sealed: Vec::new(),
            acts: Vec::new(),
            switches: Vec::new(),
            overview: Overview::default(),
            filing: None,
        };
        desk.tell(Fact::Opened(Box::new(Opened {
            terminal: "SLC-1".into(),
            particulars: particulars(),
            restored: false,
            free_space_ok: true,
        })));
        desk.tell(Fact::SignedIn { agent: agent() });
        desk
    }

    pub fn tell(&mut self, fact: Fact) {
        assert!(self.ends.post.send(fact), "the window listens");
        self.settle();
    }

    /// Passes until nothing happens any more, with every order answered.
    pub fn settle(&mut self) {
        for _ in 0..6 {
            self.clock.advance(std::time::Duration::from_secs(1));
            self.harness.run_steps(2);
            self.answer();
        }
    }

    fn answer(&mut self) {
        let now: Timestamp = self.clock.now();
        let from_camera = std::mem::take(&mut self.records);
        let orders: Vec<Order> = from_camera.into_iter().chain(self.ends.orders.try_iter()).collect();
        for order in orders {
            match order {
                Order::SaveDraft(draft) => {
                    let id = draft.id;
                    self.draft = Some(*draft);
                    self.ends.post.send(Fact::DraftSaved { id, at: now });
                }
                Order::DeletePage { draft, material, order } => {
                    self.pages.retain(|page| !(page.material == material && page.order == order));
                    for page in self.pages.iter_mut().filter(|page| page.material == material && page.order > order) {
                        page.order -= 1;
                    }
                    self.ends.post.send(Fact::PagesChanged { draft, pages: self.pages.clone() });
                }
                Order::MovePage { draft, material, order, to } => {
                    for page in self.pages.iter_mut().filter(|page| page.material == material) {
                        page.order = match page.order {
                            n if n == order => to,
                            n if n == to => order,
                            n => n,
                        };
                    }
                    self.pages.sort_by(|a, b| (&a.material, a.order).cmp(&(&b.material, b.order)));
                    self.ends.post.send(Fact::PagesChanged { draft, pages: self.pages.clone() });
                }
                Order::Pause(paused) => self.switches.push(("paused", paused)),
                Order::Metered(metered) => self.switches.push(("metered", metered)),
                Order::PutPage { draft, material, jpeg, width_px, height_px, .. } => {
                    let (sha256, bytes) = (Digest::of(&jpeg), jpeg.len() as u64);
                    let page = PageRef { material, order: 1, sha256, bytes, width_px, height_px };
                    self.pages.retain(|old| old.material != page.material);
                    self.pages.push(page.clone());
                    self.ends.post.send(Fact::PageSaved { draft, page, inserted: false });
                }
                Order::JoinPages { draft, material, front, back, jpeg, width_px, height_px } => {
                    let at = |order| move |page: &PageRef| page.order == order;
                    let mut mine: Vec<PageRef> = self.pages.extract_if(.., |page| page.material == material).collect();
                    let sheet = mine.iter_mut().find(|page| at(front)(page)).expect("the front");
                    (sheet.sha256, sheet.bytes) = (Digest::of(&jpeg), jpeg.len() as u64);
                    (sheet.width_px, sheet.height_px) = (width_px, height_px);
                    mine.retain(|page| !at(back)(page));
                    mine.iter_mut().zip(1..).for_each(|(page, order)| page.order = order);
                    self.pages.extend(mine);
                    self.ends.post.send(Fact::PagesChanged { draft, pages: self.pages.clone() });
                }
                Order::Seal { draft, .. } => self.sealed.push(draft),
                Order::Enqueue { act, .. } => {
                    let id = act.id;
                    self.acts.push(*act);
                    self.ends.post.send(Fact::Enqueued { act: id });
                }
                _ => {}
            }
        }
        while let Ok(question) = self.ends.questions.try_recv() {
            match question {
                Question::Overview => {
                    self.ends.post.send(Fact::Overview(Box::new(self.overview.clone())));
                }
                Question::Draft(id) => {
                    if let Some(draft) = self.draft.clone().filter(|draft| draft.id == id) {
                        self.ends.post.send(Fact::DraftLoaded(Box::new(draft)));
                    }
                }
                Question::Filing(_) => {
                    if let Some(full) = self.filing.clone() {
                        self.ends.post.send(Fact::FilingLoaded(Box::new(full)));
                    }
                }
                Question::Frame(page) => {
                    self.ends.post.send(Fact::FrameBytes { page, frame: Vec::new() });
                }
                Question::Bytes(digest) => {
                    self.ends.post.send(Fact::PageBytes { digest, jpeg: digest.to_string().into_bytes() });
                }
                _ => {}
            }
        }
        while let Ok(order) = self.ends.camera.try_recv() {
            match order {
                CameraOrder::Shoot { draft, material, spot, make } => self.photographed(draft, material, spot, make),
                CameraOrder::Square { draft, material, replace, make, .. } => {
                    self.photographed(draft, material, Spot::Instead(replace), make);
                }
                CameraOrder::Join { draft, material, front, back } => {
                    let jpeg = [front.1, back.1].concat();
                    let (front, back) = (front.0, back.0);
                    self.records.push(Order::JoinPages { draft, material, front, back, jpeg, width_px: 2480, height_px: 3508 });
                }
                CameraOrder::Reopen { page, .. } => {
                    self.ends.post.send(Fact::Camera(CameraFact::Reopened { page, width_px: 3264, height_px: 2448 }));
                    let image = egui::ColorImage::filled([96, 72], egui::Color32::GRAY);
                    self.ends.post.send(Fact::Camera(CameraFact::StillPicture(image)));
                }
                _ => {}
            }
        }
        while self.ends.courier.try_recv().is_ok() {}
    }

    fn photographed(&mut self, draft: Uuid, material: String, spot: Spot, make: Make) {
        let mine = |page: &&mut PageRef| page.material == material;
        let last = self.pages.iter().filter(|page| page.material == material).count() as u32;
        let order = match spot {
            Spot::Last => last + 1,
            Spot::Before(order) | Spot::Instead(order) => order,
        };
        let inserted = matches!(spot, Spot::Before(_));
        if inserted {
            self.pages.iter_mut().filter(mine).filter(|page| page.order >= order).for_each(|page| page.order += 1);
        }
        let digest = Digest::of(format!("{material} {} {make:?}", self.shots).as_bytes());
        self.shots += 1;
        let (width_px, height_px) = if make.paper == scan::Paper::Card { (1011, 638) } else { (1654, 2339) };
        self.makes.push(make);
        let page = PageRef { material: material.clone(), order, sha256: digest, bytes: 300_000, width_px, height_px };
        self.pages.retain(|old| !(old.material == material && old.order == order));
        self.pages.push(page.clone());
        self.pages.sort_by(|a, b| (&a.material, a.order).cmp(&(&b.material, b.order)));
        let still = CameraFact::Still { corners: None, width_px: 3264, height_px: 2448, issues: Vec::new(), digest };
        self.ends.post.send(Fact::Camera(still));
        self.ends.post.send(Fact::PageSaved { draft, page, inserted });
    }

    /// A frame of the document camera with a page in it.
    pub fn camera_sees_a_page(&mut self) {
        let image = egui::ColorImage::filled([96, 54], egui::Color32::GRAY);
        let outline = Some([[10.0, 5.0], [80.0, 5.0], [80.0, 50.0], [10.0, 50.0]]);
        self.ends.preview.put(Preview { image, outline, issues: Vec::new() });
        self.settle();
    }

    pub fn put_card(&mut self) {
        self.tell(Fact::Card(CardFact::Reading));
        self.tell(Fact::Card(CardFact::Read(Box::new(person(Uuid::from_u128(7))))));
    }

    /// True when this text stands somewhere on the screen.
    pub fn sees(&self, text: &str) -> bool {
        self.harness.query_all(egui_kittest::kittest::By::new().label_contains(text)).next().is_some()
            || self
                .harness
                .query_all(
                    egui_kittest::kittest::By::new().predicate(|node| node.value().is_some_and(|value| value.contains(text))),
                )
                .next()
                .is_some()
    }

    #[track_caller]
    pub fn must_see(&self, text: &str) {
        assert!(self.sees(text), "“{text}” does not stand on the screen:\n{}", self.screen());
    }

    #[track_caller]
    pub fn must_not_see(&self, text: &str) {
        assert!(!self.sees(text), "“{text}” stands on the screen");
    }

    /// Every name on the screen, for a failed assertion.
    pub fn screen(&self) -> String {
        let all = self.harness.query_all(egui_kittest::kittest::By::new().predicate(|_| true));
        all.filter_map(|node| node.accesskit_node().label()).collect::<Vec<_>>().join(" | ")
    }

    fn can(&self, name: &str) -> Option<bool> {
        let nodes = self.harness.query_all_by_label(name);
        nodes
            .filter(|node| {
                use egui::accesskit::Role;
                matches!(node.accesskit_node().role(), Role::Button | Role::CheckBox | Role::RadioButton)
            })
            .map(|node| !node.accesskit_node().is_disabled())
            .next()
    }

    /// True when something of this name can be pressed.
    pub fn offers(&self, name: &str) -> bool {
        self.can(name) == Some(true)
    }

    /// Presses the one thing of this name.
    #[track_caller]
    pub fn press(&mut self, name: &str) {
        {
            use egui::accesskit::Role;
            let nodes: Vec<_> = self
                .harness
                .query_all_by_label(name)
                .filter(|node| matches!(node.accesskit_node().role(), Role::Button | Role::CheckBox | Role::RadioButton))
                .collect();
            assert_eq!(nodes.len(), 1, "{} things are called “{name}”:\n{}", nodes.len(), self.screen());
            assert!(!nodes[0].accesskit_node().is_disabled(), "“{name}” cannot be pressed:\n{}", self.screen());
            nodes[0].click_accesskit();
        }
        self.settle();
    }

    /// Draws one stroke on the pad of this name: points in parts of it.
    #[track_caller]
    pub fn draw(&mut self, name: &str, points: &[[f32; 2]]) {
        let rect = self.harness.get_by_label(name).rect();
        let place = |point: &[f32; 2]| egui::pos2(rect.left() + point[0] * rect.width(), rect.top() + point[1] * rect.height());
        let button = |pos, pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        let (first, last) = (place(&points[0]), place(points.last().expect("a stroke")));
        self.harness.event(egui::Event::PointerMoved(first));
        self.harness.event(button(first, true));
        self.harness.run_steps(1);
        for point in points {
            self.harness.event(egui::Event::PointerMoved(place(point)));
            self.harness.run_steps(1);
        }
        self.harness.event(button(last, false));
        self.harness.event(egui::Event::PointerGone);
        self.settle();
    }

    /// Types into the field of this label, in place of what stands there, and leaves it.
    #[track_caller]
    pub fn enter(&mut self, label: &str, text: &str) {
        self.type_only(label, text);
        self.harness.key_press(egui::Key::Tab);
        self.settle();
    }

    /// As [`Self::enter`], with the cursor still in the field.
    #[track_caller]
    pub fn type_only(&mut self, label: &str, text: &str) {
        {
            let nodes: Vec<_> = self
                .harness
                .query_all_by_label(label)
                .filter(|node| {
                    matches!(
                        node.accesskit_node().role(),
                        egui::accesskit::Role::TextInput | egui::accesskit::Role::MultilineTextInput
                    )
                })
                .collect();
            assert_eq!(nodes.len(), 1, "{} fields are called “{label}”:\n{}", nodes.len(), self.screen());
            nodes[0].focus();
        }
        self.settle();
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.run_steps(1);
        if text.is_empty() {
            self.harness.key_press(egui::Key::Backspace);
        } else {
            self.harness.event(egui::Event::Text(text.to_owned()));
        }
        self.settle();
    }

    /// What stands in a field.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        let field = self.harness.query_all_by_label(label).find(|node| {
            matches!(node.accesskit_node().role(), egui::accesskit::Role::TextInput | egui::accesskit::Role::MultilineTextInput)
        });
        field.unwrap_or_else(|| panic!("no field is called “{label}”:\n{}", self.screen())).value().unwrap_or_default()
    }

    pub fn saved(&self) -> &Draft {
        self.draft.as_ref().expect("a draft was saved")
    }
}

/// A sealed allowance of 李样本 with two pages; `stage` as the cabinet has it.
pub fn sealed(stage: Stage) -> FilingFull {
    let page = |material: &str| PageRef {
        material: material.into(),
        order: 1,
        sha256: Digest::of(material.as_bytes()),
        bytes: 300_000,
        width_px: 1654,
        height_px: 2339,
    };
    let at: Timestamp = NOW.parse().expect("a time");
    let filing = Filing {
        format: Filing::FORMAT,
        id: Uuid::from_u128(0xF1),
        case_number: "SLC-22H4-2223-8".into(),
        query_code: Personal::from("735120"),
        matter: "M09".into(),
        catalogue_version: "2026.3".into(),
        point: PointRef { id: "SLC".into(), name: "石榴村便民服务点".into(), terminal: "SLC-1".into() },
        sealed_at: at,
        acted_by: ActedBy { account: "wang".into(), session: Uuid::from_u128(1) },
        capacity: Capacity::Myself,
        applicant: person(Uuid::from_u128(7)),
        notice: NoticeGiven { version: "1".into(), at },
        witness: None,
        situations: [("residence".to_owned(), "same".to_owned())].into(),
        answers: [("phone".to_owned(), Value::Text(Personal::from("13900000000")))].into(),
        pages: vec![page("BK"), page("PH2")],
    };
    let row = FilingRow {
        id: filing.id,
        case_number: filing.case_number.clone(),
        matter: filing.matter.clone(),
        applicant_name: filing.applicant.name.clone(),
        sealed_at: at,
        received_at: None,
        stage,
        case: None,
        pages: 2,
        bytes_total: 600_000,
        bytes_sent: 240_000,
        trouble: None,
        next_try_at: None,
    };
    FilingFull { row, sealed: filing.seal(), receipt: None, received_at: None, acts: Vec::new() }
}

/// As the hall answers it: one page and one field are to be mended by the end of the month.
pub fn in_correction() -> FilingFull {
    let mut full = sealed(Stage::Received);
    let at: Timestamp = NOW.parse().expect("a time");
    let item = |about, what: &str, standard: &str| CorrectionItem { about, what: what.into(), standard: standard.into() };
    full.row.case = Some(CaseView {
        filing: full.row.id,
        case_number: full.row.case_number.clone(),
        aliases: Vec::new(),
        matter: "M09".into(),
        state: State::InCorrection,
        revision: 2,
        received_at: at,
        accepted_at: None,
        answer_due: None,
        due: None,
        provisional: false,
        last_change: at,
        by: "周示例".into(),
        correction: Some(Correction {
            id: Uuid::from_u128(0xC0),
            told_at: at,
            due: Date::constant(2026, 11, 30),
            clerk: "周示例".into(),
            phone: "029-88880002".into(),
            items: vec![
                item(About::Page { material: "BK".into(), order: 1 }, "右下角反光，看不清卡号", "卡号、户名都能看清"),
                item(About::Field { key: "phone".into() }, "电话打不通", "能打通的电话"),
            ],
        }),
        answered: Vec::new(),
        reason: None,
        results: Vec::new(),
        steps: Vec::new(),
        more: Default::default(),
    });
    full
}
