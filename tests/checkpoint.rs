//! Files without Python: arrays come back, and no change of bytes makes reading do anything but fail or succeed.

use std::path::{Path, PathBuf};

use phonograd::{Contents, DType, Error, NdArray, ParameterStore};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> std::io::Result<Folder> {
        let path = std::env::temp_dir().join(format!("phonograd-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    fn file(&self) -> PathBuf {
        self.0.join("arrays.safetensors")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn contents() -> Result<Contents, Error> {
    let arrays = vec![
        ("truth".to_string(), NdArray::from_slice(&[true, false])?),
        ("..".to_string(), NdArray::from_slice(&[1.5f32, -0.0, f32::NAN])?.reshape(&[3, 1])?),
        ("none".to_string(), NdArray::from_slice::<f64>(&[])?),
        ("count".to_string(), NdArray::from_slice(&[i64::MIN])?.reshape(&[])?),
    ];
    Ok(Contents { arrays, metadata: vec![("a".to_string(), "b".to_string())] })
}

#[test]
fn arrays_come_back() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Folder::new("back")?;
    contents()?.save(&folder.file())?;
    assert_eq!(Contents::load(&folder.file(), None)?, contents()?);
    assert_eq!(std::fs::read_dir(&folder.0)?.count(), 1);
    let store = ParameterStore::load(&folder.file(), Some(DType::F64))?;
    assert_eq!(store.get("..")?.dtype(), DType::F64);
    store.save(&folder.file())?;
    assert_eq!(
        ParameterStore::load(&folder.file(), None)?.names().collect::<Vec<_>>(),
        ["truth", "..", "none", "count"]
    );
    assert!(matches!(Contents::load(&folder.0, None), Err(Error::File { .. })));
    assert!(matches!(Contents::load(Path::new("/no/such"), None), Err(Error::MissingFile { .. })));
    Ok(())
}

#[test]
fn changed_files_are_read_or_refused() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Folder::new("changed")?;
    contents()?.save(&folder.file())?;
    let whole = std::fs::read(folder.file())?;
    let (mut read, mut refused) = (0, 0);
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    for _ in 0..1_000 {
        let mut bytes = whole.clone();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] = next(256) as u8,
                1 => bytes[at] = b"0123456789[]{},:\""[next(17)],
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, b"0-9\"[{,"[next(7)]),
            }
        }
        std::fs::write(folder.file(), &bytes)?;
        match Contents::load(&folder.file(), None) {
            Ok(_) => read += 1,
            Err(Error::Checkpoint { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(read > 10 && refused > 500, "{read} {refused}");
    Ok(())
}
