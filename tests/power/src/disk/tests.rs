use super::*;

fn path(path: &str) -> std::path::PathBuf {
    path.into()
}

fn create(file: FileId, at: &str) -> Event {
    Event::Create { file, path: Some(path(at)) }
}

fn write(file: FileId, at: u64, bytes: &[u8]) -> Event {
    Event::Write { file, at, bytes: bytes.to_vec() }
}

fn synced(target: Target) -> [Event; 2] {
    [Event::SyncBegins { sync: 1, target }, Event::SyncEnds { sync: 1, well: true }]
}

fn disk(events: impl IntoIterator<Item = Event>) -> Disk {
    let mut disk = Disk::default();
    events.into_iter().for_each(|event| disk.apply(&event).unwrap());
    disk
}

/// The file's bytes after the cut, if it has its name.
fn after(disk: &Disk, survival: Survival, at: &str) -> Option<Vec<u8>> {
    let image = disk.after_cut(survival);
    let (_, file) = image.entries().find(|(path, _)| *path == std::path::Path::new(at))?;
    let (_, pages) = file?;
    let mut bytes = vec![0; usize::try_from(pages.len()).unwrap()];
    for (at, piece) in pages.pieces() {
        let at = usize::try_from(at).unwrap();
        bytes[at..at + piece.len()].copy_from_slice(piece);
    }
    Some(bytes)
}

/// What the seeds make of it.
fn chances<T: Ord>(of: impl Fn(Survival) -> T) -> std::collections::BTreeSet<T> {
    (0..400).map(|seed| of(Survival::Some(seed))).collect()
}

#[test]
fn a_synced_file_without_a_synced_name_is_lost() {
    let mut disk = disk([create(1, "a"), write(1, 0, b"x")]);
    synced(Target::File(1)).iter().for_each(|event| disk.apply(event).unwrap());
    assert_eq!(after(&disk, Survival::Synced, "a"), None);
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    assert_eq!(after(&disk, Survival::Synced, "a").unwrap(), b"x");
}

#[test]
fn a_synced_name_without_synced_bytes_is_an_empty_file() {
    let mut disk = disk([create(1, "a"), write(1, 0, b"x")]);
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    assert_eq!(after(&disk, Survival::Synced, "a").unwrap(), b"");
    assert_eq!(after(&disk, Survival::Everything, "a").unwrap(), b"x");
    let seen = chances(|survival| after(&disk, survival, "a").unwrap());
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [b"".to_vec(), vec![0], b"x".to_vec()], "the size may come alone");
}

#[test]
fn a_name_in_a_folder_without_a_name_is_lost() {
    let mut disk = disk([Event::MakeFolder(path("f")), create(1, "f/a")]);
    synced(Target::Folder(path("f"))).iter().for_each(|event| disk.apply(event).unwrap());
    assert_eq!(disk.after_cut(Survival::Synced).entries().count(), 0);
}

#[test]
fn a_sync_covers_what_was_done_before_it_began() {
    let mut disk = disk([create(1, "a")]);
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    disk.apply(&write(1, 0, b"early")).unwrap();
    disk.apply(&Event::SyncBegins { sync: 7, target: Target::File(1) }).unwrap();
    disk.apply(&write(1, 5, b"late")).unwrap();
    disk.apply(&Event::SyncEnds { sync: 7, well: true }).unwrap();
    assert_eq!(after(&disk, Survival::Synced, "a").unwrap(), b"early");
}

#[test]
fn blocks_of_a_write_survive_each_for_itself() {
    let mut disk = disk([create(1, "a"), write(1, 0, &[0; 1_024])]);
    synced(Target::File(1)).iter().for_each(|event| disk.apply(event).unwrap());
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    disk.apply(&write(1, 0, &[1; 1_024])).unwrap();
    let seen = chances(|survival| {
        let bytes = after(&disk, survival, "a").unwrap();
        (bytes[0], bytes[512])
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 0), (1, 1)]);
}

#[test]
fn a_rename_replaces_or_has_not_happened() {
    let mut disk = disk([create(1, "a"), write(1, 0, b"old"), create(2, "b"), write(2, 0, b"new")]);
    synced(Target::File(1)).iter().for_each(|event| disk.apply(event).unwrap());
    synced(Target::File(2)).iter().for_each(|event| disk.apply(event).unwrap());
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    disk.apply(&Event::Rename { from: path("b"), to: path("a") }).unwrap();
    let seen = chances(|survival| (after(&disk, survival, "a"), after(&disk, survival, "b")));
    let before = (Some(b"old".to_vec()), Some(b"new".to_vec()));
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(Some(b"new".to_vec()), None), before]);
}

#[test]
fn what_a_failed_sync_forgot_never_comes_back() {
    let mut disk = disk([create(1, "a"), write(1, 0, b"lost")]);
    disk.apply(&Event::SyncBegins { sync: 1, target: Target::File(1) }).unwrap();
    disk.apply(&Event::SyncEnds { sync: 1, well: false }).unwrap();
    synced(Target::File(1)).iter().for_each(|event| disk.apply(event).unwrap());
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    assert_eq!(after(&disk, Survival::Everything, "a").unwrap(), [0; 4]);
}

#[test]
fn a_lost_truncation_takes_what_was_written_behind_it() {
    let mut disk = disk([create(1, "a"), write(1, 0, b"old")]);
    synced(Target::File(1)).iter().for_each(|event| disk.apply(event).unwrap());
    synced(Target::Folder(path(""))).iter().for_each(|event| disk.apply(event).unwrap());
    disk.apply(&Event::Resize { file: 1, len: 0 }).unwrap();
    disk.apply(&write(1, 0, b"fresh")).unwrap();
    let seen = chances(|survival| after(&disk, survival, "a").unwrap());
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [b"".to_vec(), vec![0; 5], b"fresh".to_vec(), b"old".to_vec()],
        "the old file, or the new one at any moment"
    );
}

#[test]
fn the_same_seed_leaves_the_same() {
    let disk = disk([create(1, "a"), write(1, 0, &[1; 9_000]), create(2, "b"), Event::Remove(path("a"))]);
    for seed in 0..50 {
        assert_eq!(disk.after_cut(Survival::Some(seed)).hash(), disk.after_cut(Survival::Some(seed)).hash());
    }
}
