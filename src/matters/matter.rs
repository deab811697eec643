//! A matter (事项) as its data file describes it: guide, form, materials, rules, clocks.
//! Every text of a matter is catalogue data, in Chinese and English, not program text.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use crate::rule::{Check, Rule};
use crate::{Identity, identity};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// A value whose source a town can check; `verified = false` is shown with
/// "以本地公布的办事指南为准".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    pub value: T,
    pub source: String,
    pub verified: bool,
}

/// The five categories of the policy (§三).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    #[serde(rename = "法定权力")]
    Statutory,
    #[serde(rename = "公共服务")]
    PublicService,
    #[serde(rename = "委托下放")]
    Delegated,
    #[serde(rename = "站所")]
    Station,
    #[serde(rename = "审核转报")]
    ReviewAndForward,
}

/// 即办件 is decided on the spot, 承诺件 by a promised date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Badge {
    #[serde(rename = "即办件")]
    Instant,
    #[serde(rename = "承诺件")]
    Promised,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    #[serde(rename = "即办制")]
    Instant,
    #[serde(rename = "承诺制")]
    Promise,
    #[serde(rename = "综窗制")]
    Bundle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// 工作日
    #[serde(rename = "WD")]
    WorkingDay,
    /// 自然日
    #[serde(rename = "D")]
    Day,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub days: u16,
    pub unit: Unit,
    pub source: String,
    pub verified: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyRule {
    /// 可
    Anyone,
    /// 限近亲属或监护人
    RelativesOnly,
    /// 否
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfService {
    Yes,
    /// 协办: with the agent beside
    Assisted,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub text: String,
    pub verified: bool,
}

/// One choice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub key: String,
    pub label: Words,
    /// In a question before the form: this answer ends the matter, and this is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Words>,
}

/// A question before the form ("今天带了吗") whose answer decides the list of materials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    pub key: String,
    pub question: Words,
    pub choices: Vec<Choice>,
}

/// `key = value` that must hold: over situations, over answers, or over `capacity`
/// (`myself`, `on_behalf`, `guardian`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    pub key: String,
    pub is: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Satisfied by reading the card; typed by hand it must be photographed.
    Card,
    Camera,
}

/// What a material is written on: decides the proportions of its pictures. The agent may choose another before a picture is
/// taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// Told by its shape.
    #[default]
    Auto,
    A4,
    A5,
    /// 证卡, ISO/IEC 7810 ID-1: identity, bank and social security cards. Both sides go on one sheet.
    Card,
    /// 户口簿, held open.
    Booklet,
    /// A strip of a thermal printer.
    Receipt,
    /// Of any proportions.
    Free,
    /// No paper: a person or a thing, photographed whole.
    Whole,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Code of the dictionary, e.g. `MR1`; unique within the matter.
    pub code: String,
    pub name: Words,
    pub original: bool,
    pub pages_min: u32,
    pub pages_max: u32,
    /// Who gives it to the resident.
    pub provider: Words,
    pub capture: Capture,
    pub required: bool,
    /// What makes a page of it good: said before it is photographed.
    pub hint: Words,
    pub basis: String,
    /// Made here from the form and signed by the resident (系统生成,本人签).
    #[serde(default)]
    pub made_here: bool,
    /// The original goes to the hall, e.g. an old certificate that is exchanged.
    #[serde(default)]
    pub hand_in: bool,
    #[serde(default)]
    pub paper: Sheet,
    /// A copy of it could be used for something else (证件复印件): its pictures carry what they are for.
    #[serde(default)]
    pub watermark: bool,
    #[serde(default)]
    pub when: Vec<When>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FieldKind {
    Name,
    CitizenNumber,
    Phone,
    /// Single line.
    Text {
        chars_max: usize,
    },
    /// Several lines.
    LongText {
        chars_max: usize,
    },
    /// In cents (分); shown in 元 with 大写.
    Money {
        min: i64,
        max: i64,
    },
    /// In thousandths of `unit` (`sqm` or `mu`).
    Area {
        unit: String,
        max: i64,
    },
    Date {
        future: bool,
    },
    Choice {
        choices: Vec<Choice>,
    },
    Many {
        choices: Vec<Choice>,
    },
    /// Not ticked beforehand, read aloud first.
    Declare,
    Address,
    /// The payee's account: bank, number, owner.
    Payee,
    /// The grid of household members (家庭成员): name, number, relation, and these columns.
    Household {
        #[serde(default)]
        columns: Vec<Column>,
    },
    Signature,
    Photo,
    Geo,
}

/// A column of the household grid beyond name, number and relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub key: String,
    pub label: Words,
    pub kind: ColumnKind,
    #[serde(default)]
    pub choices: Vec<Choice>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Text,
    Money,
    Choice,
    Date,
}

/// From where a field is filled before anybody types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefill {
    CardName,
    CardNumber,
    CardAddress,
    CardBirth,
    CardSex,
    CardNation,
    /// Kind of the card: the keys of [`crate::CardKind`].
    CardKind,
    Today,
    /// Among choices whose keys are ages, the highest that the applicant has reached.
    AgeBand,
    /// The applicant's card name as the owner of the account.
    PayeeOwner,
}

impl Prefill {
    /// Copied from the card as it stands, not derived from it.
    pub fn from_card(self) -> bool {
        match self {
            Self::CardName
            | Self::CardNumber
            | Self::CardAddress
            | Self::CardBirth
            | Self::CardSex
            | Self::CardNation
            | Self::CardKind => true,
            Self::Today | Self::AgeBand | Self::PayeeOwner => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub key: String,
    pub label: Words,
    /// The filled example beside the field (办事样表), plainly fictitious.
    pub sample: Words,
    #[serde(flatten)]
    pub kind: FieldKind,
    pub required: bool,
    #[serde(default)]
    pub prefill: Option<Prefill>,
    /// Choice that stands before anybody chooses; never for a declaration.
    #[serde(default)]
    pub default: Option<String>,
    /// A word of help under the field, e.g. what to do without a telephone.
    #[serde(default)]
    pub note: Option<Words>,
    /// May be taken from the same person's earlier filing, with consent.
    #[serde(default)]
    pub reuse: bool,
    #[serde(default)]
    pub when: Vec<When>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub title: Words,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// `MM-DD`
    pub from: String,
    pub until: String,
    pub note: Words,
}

/// Kind of hall window (§四): 综合受理, 专业, 其他综合(兜底).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowKind {
    #[serde(rename = "综合")]
    Comprehensive,
    #[serde(rename = "专业")]
    Professional,
    #[serde(rename = "其他综合")]
    Other,
}

/// A special procedure (特别程序): it stops the clock and is told in writing (行政许可法 45).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Special {
    pub name: Words,
    pub basis: String,
    /// How long it is expected to take, where known.
    #[serde(default)]
    pub expected: Option<Limit>,
}

/// From which event the promise counts; the day after it is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Starts {
    #[default]
    #[serde(rename = "受理次日")]
    Accepted,
    #[serde(rename = "收件次日")]
    Received,
}

/// What keeps the clock of the promise standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopsOn {
    #[serde(rename = "特别程序")]
    Special,
    #[serde(rename = "待补正")]
    Correction,
}

/// How the clock of the promise runs; without a word in the file as the law has it
/// (行政许可法 42, 45): from acceptance, standing for special procedures and corrections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clock {
    pub start: Starts,
    pub stop_on: Vec<StopsOn>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { start: Starts::Accepted, stop_on: vec![StopsOn::Special, StopsOn::Correction] }
    }
}

/// In which time a value may be filed once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    #[default]
    Ever,
    /// A calendar year at the hall's place.
    Year,
}

/// What may be filed once (一票一报, 一户一宅). Another living case with the same value is told to
/// the clerk, who decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Keys of fields, or `applicant` (his number), or `household` (his number and those of everybody in
    /// the grid). Their values together may stand in one case. Each line of a text of several lines, each choice of
    /// several and each person is a value by itself; of a line its first word.
    pub once: Vec<String>,
    #[serde(default)]
    pub within: Within,
    /// Said when it stands in another case.
    pub message: Words,
}

/// A fact for the guide whose source a town can check, e.g. an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub text: Words,
    pub source: String,
    pub verified: bool,
}

/// A matter (事项) of the catalogue: one data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// `M09`
    pub id: String,
    pub name: Words,
    /// What it is, in one sentence (简述).
    pub summary: Words,
    /// What residents call it, for search and self-service: 养老钱, 领钱的.
    pub plain: Vec<String>,
    /// Pinyin initials: `gljt`.
    pub initials: Vec<String>,
    pub category: Category,
    /// National type code, e.g. `05`, `20`.
    pub gb_type: String,
    pub badge: Badge,
    pub mode: Mode,
    pub window: Words,
    pub window_kind: WindowKind,
    pub department: Words,
    pub levels: Vec<Words>,
    pub runs_to_site: u8,
    pub basis: Vec<Basis>,
    #[serde(default)]
    pub statutory: Option<Limit>,
    pub promised: Limit,
    #[serde(default)]
    pub clock: Clock,
    pub deemed_acceptance: bool,
    /// How long the resident has to answer a correction.
    pub correction: Limit,
    #[serde(default)]
    pub special: Vec<Special>,
    pub fee: Words,
    pub fee_basis: String,
    #[serde(default)]
    pub seasons: Vec<Season>,
    pub proxy: ProxyRule,
    pub self_service: SelfService,
    /// Where the resident goes in person: after it was filed here, or instead (`filed_here = false`).
    #[serde(default)]
    pub elsewhere: Option<Words>,
    /// False: a village lists it, says where it is filed, and takes no filing of it.
    #[serde(default = "filed_here")]
    pub filed_here: bool,
    /// The resident must be seen in person, by an agent or a witness (见面见证).
    #[serde(default)]
    pub in_person: bool,
    pub conditions: Vec<Words>,
    #[serde(default)]
    pub situations: Vec<Situation>,
    #[serde(default)]
    pub materials: Vec<Material>,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub checks: Vec<Check>,
    #[serde(default)]
    pub repeat: Vec<Repeat>,
    pub result: Words,
    pub delivery: Vec<Words>,
    #[serde(default)]
    pub steps: Vec<Words>,
    /// `health`, `account`, `location` …: asks for separate consent (单独同意).
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// Matters that a bundle (一件事) is made of.
    #[serde(default)]
    pub children: Vec<String>,
    /// Departments that decide together behind one window (综窗制, 联审).
    #[serde(default)]
    pub joint: Vec<Words>,
    /// Kept apart from the public list: shown only to accounts that may see it.
    #[serde(default)]
    pub restricted: bool,
    #[serde(default)]
    pub facts: Vec<Fact>,
    pub retention_days: u16,
    pub phone: Sourced<String>,
    pub complaint_phone: Sourced<String>,
}

fn filed_here() -> bool {
    true
}

impl Matter {
    /// All fields in form order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> + Clone {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    pub fn material(&self, code: &str) -> Option<&Material> {
        self.materials.iter().find(|material| material.code == code)
    }

    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|field| field.key == key)
    }

    pub fn situation(&self, key: &str) -> Option<&Situation> {
        self.situations.iter().find(|situation| situation.key == key)
    }

    /// Does this person fit the ages of the matter today? `None` when the matter names no age or
    /// the birth date is not known.
    pub fn fits_age(&self, person: &Identity, today: Date) -> Option<bool> {
        let own =
            |field: &str| self.field(field).is_some_and(|f| matches!(f.prefill, Some(Prefill::CardBirth | Prefill::CardNumber)));
        let birth = person.birth?;
        let mut fits = None;
        for check in self.checks.iter().filter(|check| check.when.is_empty()) {
            let holds = match &check.rule {
                Rule::AgeAtLeast { field, years, early_days } if own(field) => {
                    identity::age_on(birth, today.saturating_add(jiff::Span::new().days(*early_days))) >= *years
                }
                Rule::AgeBelow { field, years } if own(field) => identity::age_on(birth, today) < *years,
                _ => continue,
            };
            fits = Some(fits.unwrap_or(true) && holds);
        }
        fits
    }

    /// Every figure and text of the matter that is not verified is shown with
    /// "以本地公布的办事指南为准".
    pub fn has_unverified(&self) -> bool {
        !self.promised.verified
            || self.statutory.as_ref().is_some_and(|limit| !limit.verified)
            || self.basis.iter().any(|basis| !basis.verified)
            || self.facts.iter().any(|fact| !fact.verified)
            || !self.phone.verified
            || !self.complaint_phone.verified
    }
}

impl Field {
    /// The choices of a field that has any.
    pub fn choices(&self) -> &[Choice] {
        match &self.kind {
            FieldKind::Choice { choices } | FieldKind::Many { choices } => choices,
            _ => &[],
        }
    }
}
