//! The parameter store: names and arrays, the only owner of what is trained.
//!
//! Arrays in a store are immutable; a new value replaces the old one. Updates of several parameters happen together or not
//! at all: they are checked first and exchanged afterwards.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::buffer::NdArray;
use crate::dtype::DType;
use crate::error::{Error, Result, quoted};
use crate::philox::Key;
use crate::record::ComputationRecord;
use crate::shape::Shape;

#[derive(Clone)]
struct Entry {
    value: NdArray,
    /// Who asked for it first.
    owner: String,
}

/// Named arrays in the order they were added, and the seed that new ones are drawn from. A clone shares the arrays.
#[derive(Clone)]
pub struct ParameterStore {
    seed: u64,
    entries: IndexMap<String, Entry, FxBuildHasher>,
}

/// How a parameter gets its first value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// Zeros.
    Zeros,
    /// Ones.
    Ones,
    /// Uniform between plus and minus a bound.
    Uniform(f64),
    /// Normal with mean 0 and a standard deviation.
    Normal(f64),
    /// Uniform with bound `sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).
    GlorotUniform,
    /// Normal with deviation `sqrt(2 / fan_in)` (He and others, 2015).
    HeNormal,
}

impl Init {
    /// The initialiser of a name, for those without a number.
    pub fn from_name(name: &str) -> Result<Init> {
        match name {
            "zeros" => Ok(Init::Zeros),
            "ones" => Ok(Init::Ones),
            "glorot_uniform" | "xavier_uniform" => Ok(Init::GlorotUniform),
            "he_normal" | "kaiming_normal" => Ok(Init::HeNormal),
            _ => Err(Error::Argument {
                op: "init",
                argument: "init",
                got: format!("{name:?}"),
                expected: "\"zeros\", \"ones\", \"glorot_uniform\" or \"he_normal\"",
            }),
        }
    }
}

impl ParameterStore {
    /// An empty store whose initialisers draw from a seed.
    pub fn new(seed: u64) -> ParameterStore {
        ParameterStore { seed, entries: IndexMap::default() }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of parameters.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without parameters.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Names and values, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &NdArray)> {
        self.entries.iter().map(|(name, entry)| (name.as_str(), &entry.value))
    }

    /// A parameter's value.
    pub fn get(&self, name: &str) -> Result<&NdArray> {
        let unknown = || Error::UnknownParameter { op: "store", name: name.to_string(), known: quoted(self.names()) };
        self.entries.get(name).map(|entry| &entry.value).ok_or_else(unknown)
    }

    /// Sets a parameter, new or not, and gives back the value it had: dropping one may run foreign code, which must not
    /// happen while a lock on the store is held.
    pub fn set(&mut self, name: &str, value: NdArray) -> Option<NdArray> {
        match self.entries.get_mut(name) {
            Some(entry) => Some(std::mem::replace(&mut entry.value, value)),
            None => {
                self.add(name, value, "the store");
                None
            }
        }
    }

    /// Sets parameters, new or not, and gives back the values they had.
    pub fn set_all(&mut self, values: impl IntoIterator<Item = (String, NdArray)>) -> Vec<NdArray> {
        values.into_iter().filter_map(|(name, value)| self.set(&name, value)).collect()
    }

    fn add(&mut self, name: &str, value: NdArray, owner: &str) {
        self.entries.insert(name.to_string(), Entry { value, owner: owner.to_string() });
    }

    /// Takes over what another store holds, in place of its own, and gives back a store of that. Seeds stay where they are.
    pub fn exchange(&mut self, other: ParameterStore) -> ParameterStore {
        let entries = std::mem::replace(&mut self.entries, other.entries);
        ParameterStore { seed: other.seed, entries }
    }

    /// Removes a parameter; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Result<NdArray> {
        let value = self.get(name)?.clone();
        self.entries.shift_remove(name);
        Ok(value)
    }

    /// Removes all parameters and gives them back.
    pub fn clear(&mut self) -> Vec<NdArray> {
        self.entries.drain(..).map(|(_, entry)| entry.value).collect()
    }

    /// The parameter's value; drawn first if there is none. A value of another shape or dtype is an error that names both
    /// askers.
    pub fn get_or_init(&mut self, name: &str, shape: &Shape, dtype: DType, init: Init, asker: &str) -> Result<NdArray> {
        self.fits(name, shape, dtype, asker)?;
        if let Some(entry) = self.entries.get(name) {
            return Ok(entry.value.clone());
        }
        let value = self.draw(name, shape, dtype, init)?;
        self.add(name, value.clone(), asker);
        Ok(value)
    }

    /// An error that names both askers if the store holds a value of another shape or dtype.
    pub fn fits(&self, name: &str, shape: &Shape, dtype: DType, asker: &str) -> Result<()> {
        match self.entries.get(name) {
            Some(entry) if entry.value.shape() != shape || entry.value.dtype() != dtype => {
                Err(Error::ParameterConflict {
                    name: name.to_string(),
                    asker: asker.to_string(),
                    asked: format!("{dtype} {shape}"),
                    owner: entry.owner.clone(),
                    held: format!("{} {}", entry.value.dtype(), entry.value.shape()),
                })
            }
            _ => Ok(()),
        }
    }

    /// A first value: a function of the seed, the name and the shape, so that the order of layers does not matter.
    fn draw(&self, name: &str, shape: &Shape, dtype: DType, init: Init) -> Result<NdArray> {
        let key = name.bytes().fold(Key::new(self.seed), |key, byte| key.fold_in(u64::from(byte)));
        let fan_in =
            if shape.ndim() > 1 { shape[..shape.ndim() - 1].iter().product() } else { shape.len() }.max(1) as f64;
        let fan_out = shape.last().copied().unwrap_or(1).max(1) as f64;
        let rec = ComputationRecord::with_grad(false);
        rec.record(None, |r| {
            let shape = shape.clone();
            let uniform = |bound: f64| match r.draw(crate::ops::Leaf::Uniform, key, shape.clone(), dtype) {
                Ok(u) => u * (2.0 * bound) - bound,
                Err(error) => r.fail(error),
            };
            let normal = |deviation: f64| match r.draw(crate::ops::Leaf::Normal, key, shape.clone(), dtype) {
                Ok(z) => z * deviation,
                Err(error) => r.fail(error),
            };
            match init {
                Init::Zeros => r.zeros(shape, dtype),
                Init::Ones => r.ones(shape, dtype),
                Init::Uniform(bound) => uniform(bound),
                Init::Normal(deviation) => normal(deviation),
                Init::GlorotUniform => uniform((6.0 / (fan_in + fan_out)).sqrt()),
                Init::HeNormal => normal((2.0 / fan_in).sqrt()),
            }
        })?
        .data()
    }
}
