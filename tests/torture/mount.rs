//! The kernel's calls, handed to the image.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner,
    MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use crate::image::{Body, Image, ROOT, Refusal, Write};

/// For how long the kernel may believe what it was told; nobody changes the image behind its back.
const BELIEVED: Duration = Duration::from_secs(60);

/// A mounted image; unmounted when dropped.
pub struct Mounted {
    session: Option<BackgroundSession>,
}

/// Shows the image at `place`, an empty folder.
///
/// # Errors
/// Where there is no /dev/fuse, or this user may not mount.
pub fn mount(image: &Arc<Mutex<Image>>, place: &Path) -> io::Result<Mounted> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("forgetful".into()), MountOption::DefaultPermissions];
    let session = fuser::spawn_mount(Shown(Arc::clone(image)), place, &config)?;
    Ok(Mounted { session: Some(session) })
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            // Every program that had it open has ended; if not, the next mount will say so.
            let _ = session.umount_and_join();
        }
    }
}

struct Shown(Arc<Mutex<Image>>);

impl Shown {
    fn image(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attributes(&self, id: u64) -> Result<FileAttr, Errno> {
        let image = self.image();
        let node = image.node(id).map_err(errno)?;
        let (kind, size) = match &node.body {
            Body::File { now, .. } => (FileType::RegularFile, now.len() as u64),
            Body::Folder { .. } => (FileType::Directory, 4096),
        };
        let time = SystemTime::UNIX_EPOCH;
        Ok(FileAttr {
            ino: INodeNo(id),
            size,
            blocks: size.div_ceil(512),
            atime: time,
            mtime: time,
            ctime: time,
            crtime: time,
            kind,
            perm: node.mode,
            nlink: node.links,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        })
    }

    fn entry(&self, found: Result<u64, Refusal>, reply: ReplyEntry) {
        match found.map_err(errno).and_then(|id| self.attributes(id)) {
            Ok(attributes) => reply.entry(&BELIEVED, &attributes, Generation(0)),
            Err(error) => reply.error(error),
        }
    }
}

fn errno(refusal: Refusal) -> Errno {
    match refusal {
        Refusal::NoPower => Errno::EIO,
        Refusal::NotThere => Errno::ENOENT,
        Refusal::Exists => Errno::EEXIST,
        Refusal::NotEmpty => Errno::ENOTEMPTY,
        Refusal::NotAFolder => Errno::ENOTDIR,
    }
}

fn end(done: Result<(), Refusal>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(refusal) => reply.error(errno(refusal)),
    }
}

impl Filesystem for Shown {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.image().child(parent.0, name);
        self.entry(found, reply);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(ino.0) {
            Ok(attributes) => reply.attr(&BELIEVED, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let mut done = Ok(());
        if let Some(mode) = mode {
            done = self.image().set_mode(ino.0, (mode & 0o7777) as u16);
        }
        if let Some(size) = size {
            done = done.and_then(|()| self.image().write(ino.0, Write::Length(size as usize)));
        }
        match done.map_err(errno).and_then(|()| self.attributes(ino.0)) {
            Ok(attributes) => reply.attr(&BELIEVED, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, reply: ReplyEntry) {
        let made = self.image().make(parent.0, name, (mode & !umask & 0o7777) as u16, true);
        self.entry(made, reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        end(self.image().remove(parent.0, name), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        end(self.image().remove(parent.0, name), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        end(self.image().rename(parent.0, name, newparent.0, newname), reply);
    }

    fn link(&self, _: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        let linked = self.image().link(ino.0, newparent.0, newname).map(|()| ino.0);
        self.entry(linked, reply);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.image().read(ino.0, offset as usize, size as usize) {
            Ok(bytes) => reply.data(bytes),
            Err(refusal) => reply.error(errno(refusal)),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let write = Write::Bytes { at: offset as usize, bytes: data.to_vec() };
        match self.image().write(ino.0, write) {
            Ok(()) => reply.written(data.len() as u32),
            Err(refusal) => reply.error(errno(refusal)),
        }
    }

    /// Closing writes nothing.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        end(self.image().sync(ino.0), reply);
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        end(self.image().sync(ino.0), reply);
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::empty());
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let image = self.image();
        let names = match image.node(ino.0).map(|node| &node.body) {
            Ok(Body::Folder { now, .. }) => now,
            Ok(Body::File { .. }) => return reply.error(Errno::ENOTDIR),
            Err(refusal) => return reply.error(errno(refusal)),
        };
        let dots = [(OsStr::new("."), ino.0), (OsStr::new(".."), ROOT)];
        let all = dots.into_iter().chain(names.iter().map(|(name, id)| (name.as_os_str(), *id)));
        for (n, (name, id)) in all.enumerate().skip(offset as usize) {
            let kind = match image.node(id).map(|node| &node.body) {
                Ok(Body::File { .. }) => FileType::RegularFile,
                _ => FileType::Directory,
            };
            if reply.add(INodeNo(id), n as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let blocks = 1 << 22;
        reply.statfs(blocks, blocks, blocks, 1 << 20, 1 << 20, 4096, 255, 4096);
    }

    fn create(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, _: i32, reply: ReplyCreate) {
        let made = self.image().make(parent.0, name, (mode & !umask & 0o7777) as u16, false);
        match made.map_err(errno).and_then(|id| self.attributes(id)) {
            Ok(attributes) => reply.created(&BELIEVED, &attributes, Generation(0), FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }
}
