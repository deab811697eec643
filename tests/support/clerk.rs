//! A town clerk at a real browser (headless Chromium through its driver).

use std::{path::Path, process::Command, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};

use super::children::Running;

pub struct Clerk {
    runtime: tokio::runtime::Runtime,
    browser: Client,
    desk: String,
    _driver: Running,
    _program: Running,
}

const PATIENCE: Duration = Duration::from_secs(30);
/// A browser on a busy machine.
const START: Duration = Duration::from_secs(120);

impl Clerk {
    /// Starts a browser of this size with an empty profile.
    pub fn start(dir: &Path, desk: &str, width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver");
        driver.arg("--port=0");
        let (driver, port) = Running::start_and_read("chromedriver", &mut driver, &dir.join("browser.log"), PATIENCE, |line| {
            line.contains("started successfully on port")
                .then(|| line.trim_end_matches('.').rsplit(' ').next().unwrap_or_default().to_owned())
        });
        // Started here and not by the driver, which would look for it under the name `localhost`: a bare
        // root has no /etc/hosts to say where that is.
        let mut browser = Command::new("sh");
        browser.args(["-c", r#"exec chromium "$@" 2>&1"#, "chromium"]).args([
            "--headless=new",
            "--remote-debugging-port=0",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--force-device-scale-factor=1",
            &format!("--window-size={width},{height}"),
            &format!("--user-data-dir={}", dir.join("browser").display()),
        ]);
        #[expect(unsafe_code, reason = "the standard library does not say who we are")]
        // SAFETY: geteuid takes nothing and cannot fail.
        let root = unsafe { libc::geteuid() } == 0;
        if root {
            // Chromium refuses its own sandbox to root; the pages are ours.
            browser.arg("--no-sandbox");
        }
        let (program, address) = Running::start_and_read("chromium", &mut browser, &dir.join("browser.log"), START, |line| {
            let address = line.strip_prefix("DevTools listening on ws://")?;
            address.split('/').next().map(str::to_owned)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let capabilities = serde_json::json!({ "goog:chromeOptions": { "debuggerAddress": address } });
        let browser = runtime
            .block_on(
                ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(capabilities.as_object().expect("an object").clone())
                    .connect(&format!("http://127.0.0.1:{port}")),
            )
            .expect("the driver reaches the browser");
        Self { runtime, browser, desk: desk.trim_end_matches('/').to_owned(), _driver: driver, _program: program }
    }

    pub fn open(&self, path: &str) {
        self.runtime.block_on(self.browser.goto(&format!("{}{path}", self.desk))).expect("the desk answers");
    }

    fn element(&self, xpath: &str) -> Element {
        self.runtime
            .block_on(self.browser.wait().at_most(PATIENCE).for_element(Locator::XPath(xpath)))
            .unwrap_or_else(|error| panic!("the desk has no {xpath}: {error}\n{}", self.text()))
    }

    /// Clicks a button or link by the words on it.
    pub fn press(&self, words: &str) {
        let element = self.element(&format!("//*[self::button or self::a][starts-with(normalize-space(.), '{words}')]"));
        self.runtime.block_on(element.click()).unwrap_or_else(|error| panic!("{words}: {error}"));
    }

    /// The same in the row of a table that says this somewhere.
    pub fn press_beside(&self, row: &str, words: &str) {
        let element = self.element(&format!("//tr[contains(., '{row}')]//a[starts-with(normalize-space(.), '{words}')]"));
        self.runtime.block_on(element.click()).unwrap_or_else(|error| panic!("{row}: {words}: {error}"));
    }

    /// Types into the field with this label (or accessible name).
    pub fn fill(&self, label: &str, text: &str) {
        let element = self.element(&format!(
            "//*[self::input or self::textarea][@aria-label='{label}' or @id=//label[normalize-space(text())='{label}']/@for or ancestor::label[starts-with(normalize-space(.), '{label}')]]"
        ));
        self.runtime
            .block_on(async {
                element.clear().await?;
                element.send_keys(text).await
            })
            .unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Chooses a file from the disk for the field with this label.
    pub fn choose_file(&self, label: &str, file: &Path) {
        let element = self.element(&format!("//label[starts-with(normalize-space(.), '{label}')]//input[@type='file']"));
        self.runtime.block_on(element.send_keys(&file.display().to_string())).unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Ticks the box or the radio button with this label.
    pub fn tick(&self, label: &str) {
        let element = self.element(&format!("//label[starts-with(normalize-space(.), '{label}')]//input"));
        self.runtime.block_on(element.click()).unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Waits until the page says this.
    pub fn sees(&self, words: &str) {
        self.element(&format!("//body[contains(., '{words}')]"));
    }

    pub fn text(&self) -> String {
        self.runtime
            .block_on(async { self.browser.find(Locator::Css("body")).await?.text().await })
            .unwrap_or_else(|error| format!("no page: {error}"))
    }

    pub fn sign_in(&self, account: &str, password: &str) {
        self.open("/login");
        self.fill("账号", account);
        self.fill("密码", password);
        self.press("登录");
        self.sees("我的收件");
    }

    pub fn picture(&self, file: &Path) {
        let png = self.runtime.block_on(self.browser.screenshot()).expect("the browser draws");
        std::fs::write(file, png).expect("picture can be written");
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        // The session is closed before the driver and the browser are ended.
        let browser = self.browser.clone();
        let _ = self.runtime.block_on(browser.close());
    }
}
