//! Files of named arrays, in the safetensors format.
//!
//! Enters: arrays with their names, and text beside them; or the path of a file that anybody may have written. Leaves: a file
//! that is there as a whole or not at all, or the arrays. Promises: reading executes nothing, maps nothing, and allocates no
//! more than the file's size, the header's 16 MiB some times over, and what a wanted conversion adds; a file that is cut,
//! damaged or of another kind is an error that says why. Writing goes to another file in the same folder, which reaches the
//! disk before it takes the old one's place: whoever reads, and whenever the process ends, finds the old or the new file.

mod header;
mod replace;

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;

use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar, Word};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::store::ParameterStore;
use header::{Header, LONGEST, short};

/// What a file holds: arrays by name and text by name, in the file's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Names and arrays.
    pub arrays: Vec<(String, NdArray)>,
    /// Names and text.
    pub metadata: Vec<(String, String)>,
}

impl Contents {
    /// Writes a file, in the place of one that is there.
    pub fn save(&self, path: &Path) -> Result<()> {
        let described = Header { entries: described(&self.arrays), metadata: self.metadata.clone() };
        let head =
            described.to_bytes().map_err(|problem| wrong("save", path, problem, "give fewer and shorter names"))?;
        let mut order: Vec<usize> = (0..self.arrays.len()).collect();
        order.sort_by_key(|&index| described.entries[index].1.data_offsets);
        replace::replace(path, |file| {
            file.write_all(&head)?;
            order.iter().try_for_each(|&index| file.write_all(self.arrays[index].1.buffer().bytes()))
        })
    }

    /// Reads a file. Floats of all widths become `floats`, if given. A dtype that this library does not have is an error that
    /// names it.
    pub fn load(path: &Path, floats: Option<DType>) -> Result<Contents> {
        let damaged = |problem| wrong("load", path, problem, "the file is damaged, or no safetensors file");
        let mut file = open(path)?;
        let size = file.metadata().map_err(|e| failed("load", path, &e))?.len();
        let mut length = [0u8; 8];
        if size < 8 {
            return Err(damaged(format!("it has {size} bytes, and the length of the header takes 8")));
        }
        fill(&mut file, path, &mut length)?;
        if let Some((kind, hint)) = other_format(&length) {
            return Err(wrong("load", path, format!("it is {kind}"), hint));
        }
        let length = u64::from_le_bytes(length);
        if length > size - 8 || length > LONGEST as u64 {
            return Err(damaged(format!(
                "its header of {length} bytes is longer than the file or than {LONGEST} bytes"
            )));
        }
        let json = NdArray::filled("load", DType::U8, Shape::new("load", &[length as usize])?, |json| {
            fill(&mut file, path, json)
        })?;
        let header = Header::parse(json.buffer().bytes(), size - 8 - length).map_err(damaged)?;
        drop(json);
        // All names and kinds are looked at before anything is read, and data is read in the order it lies there.
        let plans = header.entries.iter().map(|(name, info)| target(path, name, info, floats));
        let mut places: Vec<(usize, Target)> = plans.collect::<Result<Vec<_>>>()?.into_iter().enumerate().collect();
        places.sort_by_key(|&(index, _)| header.entries[index].1.data_offsets);
        let mut read = places.into_iter().map(|(index, target)| Ok((index, target.read(&mut file, path)?)));
        let mut arrays = read.by_ref().collect::<Result<Vec<_>>>()?;
        arrays.sort_by_key(|&(index, _)| index);
        let names = header.entries.into_iter().map(|(name, _)| name);
        Ok(Contents {
            arrays: names.zip(arrays.into_iter().map(|(_, array)| array)).collect(),
            metadata: header.metadata,
        })
    }
}

impl ParameterStore {
    /// Writes the parameters to a safetensors file, in the place of one that is there.
    pub fn save(&self, path: &Path) -> Result<()> {
        let arrays = self.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        Contents { arrays, metadata: Vec::new() }.save(path)
    }

    /// A store of the arrays of a safetensors file; see [`Contents::load`].
    pub fn load(path: &Path, floats: Option<DType>) -> Result<ParameterStore> {
        let mut store = ParameterStore::new(0);
        for (name, value) in Contents::load(path, floats)?.arrays {
            store.set(&name, value);
        }
        Ok(store)
    }
}

/// What a file is that begins like one of the formats that weights come in elsewhere, and what to do with it. None of these
/// beginnings is the length of a header that would be read.
fn other_format(begin: &[u8; 8]) -> Option<(&'static str, &'static str)> {
    const SAVE: &str = "save the arrays as safetensors, with the package of that name";
    match begin {
        [b'P', b'K', 3, 4, ..] => Some((
            "a zip archive, as PyTorch's .pt and NumPy's .npz files are",
            "save PyTorch's weights with safetensors.torch.save_file; put what numpy.load reads into a store with update",
        )),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(("a NumPy array", "put what numpy.load reads into a store")),
        [0x80, 2..=5, _, _, ..] if begin[3..] != [0; 5] => Some(("a pickle, which is never read", SAVE)),
        [0x89, b'H', b'D', b'F', ..] => Some(("an HDF5 file", SAVE)),
        [b'G', b'G', b'U', b'F', ..] => Some(("a GGUF file", SAVE)),
        _ => None,
    }
}

/// Where each array goes: those of wide elements first, so that all lie at multiples of their size.
fn described(arrays: &[(String, NdArray)]) -> Vec<(String, TensorInfo)> {
    let mut order: Vec<usize> = (0..arrays.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(arrays[index].1.dtype().size()));
    let mut starts = vec![0; arrays.len()];
    let mut end = 0;
    for index in order {
        starts[index] = end;
        end += arrays[index].1.buffer().len();
    }
    let describe = |((name, array), start): (&(String, NdArray), usize)| {
        let dtype = stored(array.dtype());
        let data_offsets = (start, start + array.buffer().len());
        (name.clone(), TensorInfo { dtype, shape: array.shape().to_vec(), data_offsets })
    };
    arrays.iter().zip(starts).map(describe).collect()
}

/// What the format calls a dtype.
fn stored(dtype: DType) -> Dtype {
    match dtype {
        DType::Bool => Dtype::BOOL,
        DType::I8 => Dtype::I8,
        DType::U8 => Dtype::U8,
        DType::I16 => Dtype::I16,
        DType::U16 => Dtype::U16,
        DType::I32 => Dtype::I32,
        DType::U32 => Dtype::U32,
        DType::I64 => Dtype::I64,
        DType::U64 => Dtype::U64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
    }
}

/// What becomes of an array's bytes in the file.
struct Target {
    stored: DType,
    dtype: DType,
    shape: Shape,
}

fn target(path: &Path, name: &str, info: &TensorInfo, floats: Option<DType>) -> Result<Target> {
    let name = short(name);
    let Some(found) = DType::ALL.into_iter().find(|&dtype| stored(dtype) == info.dtype) else {
        let problem = format!("{name} has dtype {}", info.dtype);
        let hint = "bool, integers of 8 to 64 bits, float16, bfloat16, float32 and float64 are read";
        return Err(wrong("load", path, problem, hint));
    };
    let dtype = floats.filter(|_| found.is_float()).unwrap_or(found);
    let shape = Shape::new("load", &info.shape)
        .map_err(|e| wrong("load", path, format!("{name} cannot be an array: {e}"), "the file is damaged"))?;
    Ok(Target { stored: found, dtype, shape })
}

impl Target {
    fn read(self, file: &mut File, path: &Path) -> Result<NdArray> {
        let Target { stored, dtype, shape } = self;
        NdArray::filled("load", dtype, shape, |bytes| {
            if stored == dtype { fill(file, path, bytes) } else { converted(file, path, stored, dtype, bytes) }
        })
    }
}

/// Reads floats of one width as floats of another, some at a time.
fn converted(file: &mut File, path: &Path, stored: DType, dtype: DType, out: &mut [u8]) -> Result<()> {
    const ONCE: usize = 4096;
    let (from, to) = (stored.size(), dtype.size());
    let mut piece = vec![0u8; ONCE * from];
    for out in out.chunks_mut(ONCE * to) {
        let piece = &mut piece[..out.len() / to * from];
        fill(file, path, piece)?;
        for (bytes, out) in piece.chunks_exact(from).zip(out.chunks_exact_mut(to)) {
            let mut word = Word([0; 8]);
            word.0[..from].copy_from_slice(bytes);
            out.copy_from_slice(&Scalar::of(word, stored).to_word(dtype).0[..to]);
        }
    }
    Ok(())
}

/// Opens what can be read to an end that is known: a regular file, or a link to one.
fn open(path: &Path) -> Result<File> {
    if cfg!(target_endian = "big") {
        return Err(refused("load", path, "and files are little-endian while this machine is not"));
    }
    // Looked at before it is opened: opening a pipe would wait for somebody to write to it.
    let kind = fs::metadata(path).map_err(|e| failed("load", path, &e))?;
    if !kind.is_file() {
        return Err(refused("load", path, "for it is no regular file"));
    }
    let file = File::open(path).map_err(|e| failed("load", path, &e))?;
    match file.metadata() {
        Ok(kind) if kind.is_file() => Ok(file),
        Ok(_) => Err(refused("load", path, "for it is no regular file")),
        Err(e) => Err(failed("load", path, &e)),
    }
}

fn fill(file: &mut File, path: &Path, bytes: &mut [u8]) -> Result<()> {
    file.read_exact(bytes).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => {
            wrong("load", path, "it became shorter while it was read".to_string(), "whoever writes it must replace it")
        }
        _ => failed("load", path, &e),
    })
}

fn wrong(op: &'static str, path: &Path, problem: String, hint: &'static str) -> Error {
    Error::Checkpoint { op, path: path.display().to_string(), problem, hint }
}

fn refused(op: &'static str, path: &Path, problem: &str) -> Error {
    Error::File { op, path: path.display().to_string(), problem: problem.to_string() }
}

fn failed(op: &'static str, path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::MissingFile { op, path: path.display().to_string() },
        _ => refused(op, path, &format!("for the system says: {error}")),
    }
}
