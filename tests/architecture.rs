//! The map in `lib.rs`, held by a test: which room may name which, and how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

const FACTS: &[&str] = &["error", "origin", "shape", "dtype", "buffer", "philox", "math"];

/// What each room must not name.
const FORBIDDEN: &[(&[&str], &[&str])] = &[
    (FACTS, &["record", "ops", "grad", "kernels", "plan", "exec", "compute", "store", "layers", "python"]),
    (&["record", "ops"], &["grad", "kernels", "plan", "exec", "compute", "store", "layers", "python"]),
    (&["grad"], &["kernels", "plan", "exec", "compute", "store", "layers", "python"]),
    (&["kernels"], &["record", "grad", "plan", "exec", "compute", "store", "layers", "python"]),
    (&["plan"], &["grad", "exec", "compute", "store", "layers", "python"]),
    (&["exec"], &["grad", "compute", "store", "layers", "python"]),
    (&["compute", "store", "layers", "checkpoint", "nonfinite"], &["python"]),
];

/// Lines a file may have at most; 400 is what to aim for.
const LONGEST: usize = 800;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// Every source file: its room, its name below `src`, and its text without comments.
fn files() -> std::io::Result<Vec<(String, String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found)?;
    let mut out = Vec::new();
    for path in found {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let room = name.split(['/', '\\', '.']).next().unwrap_or_default().to_string();
        let text = fs::read_to_string(&path)?;
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        out.push((room, name, code.join("\n")));
    }
    assert!(out.len() > 40);
    Ok(out)
}

#[test]
fn arrows_between_rooms_point_one_way() -> std::io::Result<()> {
    for (room, name, code) in files()? {
        let forbidden =
            FORBIDDEN.iter().filter(|(rooms, _)| rooms.contains(&room.as_str())).flat_map(|(_, names)| *names);
        for other in forbidden {
            assert!(!code.contains(&format!("crate::{other}")), "{name} names {other}");
        }
    }
    Ok(())
}

#[test]
fn only_the_python_room_names_python() -> std::io::Result<()> {
    for (room, name, code) in files()? {
        assert!(room == "python" || !["pyo3", "numpy::"].iter().any(|word| code.contains(word)), "{name}");
    }
    Ok(())
}

#[test]
fn files_are_short() -> std::io::Result<()> {
    for (_, name, code) in files()? {
        assert!(code.lines().count() <= LONGEST, "{name} is too long");
    }
    Ok(())
}
