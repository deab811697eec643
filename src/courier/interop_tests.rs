//! The uploader against another project's tus server, unmodified: `@tus/server` from npm.
//! Where there is no node or the package cannot be had, the test says so and proves nothing.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Step,
    client::tests::{
        client_of,
        scripted::{TinyHall, pack},
    },
};

const PACKAGES: [&str; 2] = ["@tus/server@2.4.5", "@tus/file-store@2.1.1"];
const SERVER: &str = r"
import https from 'node:https';
import fs from 'node:fs';
import { Server } from '@tus/server';
import { FileStore } from '@tus/file-store';
const [directory, port] = process.argv.slice(2);
const tus = new Server({ path: '/api/1/pages', relativeLocation: true, datastore: new FileStore({ directory: `${directory}/store` }) });
const tls = { key: fs.readFileSync(`${directory}/key.pem`), cert: fs.readFileSync(`${directory}/chain.pem`) };
const server = https.createServer(tls, (request, response) => {
  console.log(`${request.method} ${request.headers['upload-offset'] ?? ''}`);
  tus.handle(request, response);
});
server.listen(Number(port), '127.0.0.1', () => console.log(`port ${server.address().port}`));
";

/// The server's process; ended by its own id.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The packages, installed once beside the test program; `None` with the reason printed.
fn modules() -> Option<PathBuf> {
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: there is no node here");
        return None;
    }
    let home = std::env::current_exe().ok()?.parent()?.join("tus-server");
    if home.join("done").exists() {
        return Some(home);
    }
    fs::create_dir_all(&home).ok()?;
    let install = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&home)
        .args(PACKAGES)
        .stdin(Stdio::null())
        .output();
    if !install.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: npm cannot install {PACKAGES:?}");
        return None;
    }
    fs::write(home.join("done"), "").ok()?;
    Some(home)
}

/// Starts the server and waits for its word; what it says afterwards comes with the reader.
fn start(modules: &Path, directory: &Path, port: u16) -> (Node, u16, impl Iterator<Item = String> + use<>) {
    let script = modules.join("server.mjs");
    fs::write(&script, SERVER).unwrap();
    let mut child = Command::new("node")
        .arg(&script)
        .arg(directory)
        .arg(port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let node = Node(child);
    let port = said.next().and_then(|line| line.strip_prefix("port ")?.parse().ok()).expect("the server says its port");
    (node, port, said)
}

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
}

#[test]
fn a_page_resumes_at_another_projects_server_after_it_was_killed() {
    let Some(modules) = modules() else { return };
    let hall = TinyHall::start();
    let directory = tempfile::tempdir().unwrap();
    let (chain, key) = hall.authority.server("127.0.0.1", ("2026-01-01", "2027-01-01"));
    fs::write(directory.path().join("chain.pem"), pem("CERTIFICATE", &chain[0])).unwrap();
    fs::write(directory.path().join("key.pem"), pem("PRIVATE KEY", key.secret_der())).unwrap();
    let (node, port, _said) = start(&modules, directory.path(), 0);

    let pack = pack(1, &[5_000_000]);
    let mut page = pack.parcel.pages[0].clone();
    let mut admission = hall.admission();
    admission.hall_url = format!("https://127.0.0.1:{port}");
    let mut client = client_of(&admission);
    // SIGKILL in the middle of the body.
    let mut node = Some(node);
    let mut bytes = pack.bytes();
    let mut killing = |digest, offset, length| {
        if offset > 3_000_000 {
            drop(node.take());
        }
        bytes(digest, offset, length)
    };
    let mut location = None;
    let mut report = |progress: crate::Progress| {
        if let Step::Upload { location: at, .. } = progress.step {
            location = at;
        }
    };
    let outcome = client.carry(&page, &pack.parcel, &mut killing, &mut report).unwrap_err();
    assert_eq!(outcome.code(), "connection_refused", "asked at once where it stands, and nobody was there");
    page.location = location;
    assert!(page.location.is_some());

    let (node, _, mut said) = start(&modules, directory.path(), port);
    client.carry(&page, &pack.parcel, &mut pack.bytes(), &mut |_| {}).unwrap();
    assert_eq!(said.next().as_deref(), Some("HEAD "));
    let resumed = said.next().unwrap();
    let offset: u64 = resumed.strip_prefix("PATCH ").and_then(|text| text.parse().ok()).unwrap();
    assert!(offset > 0 && offset < 5_000_000, "{resumed}");
    let name = page.location.as_deref().and_then(|at| at.rsplit('/').next()).unwrap().to_owned();
    assert!(fs::read(directory.path().join("store").join(name)).unwrap() == pack.pages[0], "byte for byte");
    drop(node);
}
