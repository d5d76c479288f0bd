//! The header of a safetensors file: eight bytes of length, then JSON that says what lies where behind it.
//!
//! Enters: bytes that may say anything. Leaves: entries in the order the header names them, whose places cover the rest of
//! the file exactly, without holes or overlaps, each as long as its shape and dtype need; or a sentence about what is
//! wrong. The checks of offsets are those of the crate `safetensors`. Ours bound the header and the number of axes, and
//! refuse names that stand there twice. The parser reads each field as what it must be, so nothing nests and no list grows
//! beyond what the file has bytes for.

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::shape::MAX_NDIM;

/// The most bytes of JSON: some 200,000 arrays.
pub const LONGEST: usize = 1 << 24;

/// The key under which the format keeps text beside the arrays.
const METADATA: &str = "__metadata__";

/// Arrays as the header describes them, and text beside them, in its order.
#[derive(Default)]
pub struct Header {
    pub entries: Vec<(String, TensorInfo)>,
    pub metadata: Vec<(String, String)>,
}

impl Header {
    /// Reads JSON that describes `len` bytes of data, or says what is wrong.
    pub fn parse(json: &[u8], len: u64) -> Result<Header, String> {
        let header: Header = serde_json::from_slice(json).map_err(|e| format!("the header is damaged: {e}"))?;
        let names = header.entries.iter().map(|(name, _)| name);
        if let Some(name) = repeated(names).or_else(|| repeated(header.metadata.iter().map(|(name, _)| name))) {
            return Err(format!("the header names {} twice", short(name)));
        }
        let data = header.checked()?;
        if data != len {
            return Err(format!("the header describes {data} bytes of data, the file has {len}"));
        }
        Ok(header)
    }

    /// The number of bytes behind the header, once all places are found right.
    fn checked(&self) -> Result<u64, String> {
        let mut infos = self.entries.clone();
        infos.sort_by_key(|(_, info)| info.data_offsets);
        let metadata =
            Metadata::new(None, infos).map_err(|e| format!("the header is wrong: {}", short(&e.to_string())))?;
        Ok(metadata.data_len() as u64)
    }

    /// The eight bytes and the JSON, padded so that data begins at a multiple of eight.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        self.checked()?;
        let mut json = serde_json::to_vec(self).map_err(|e| e.to_string())?;
        json.resize(json.len().next_multiple_of(8), b' ');
        if json.len() > LONGEST {
            return Err(format!("names and metadata take {} bytes, at most {LONGEST} can be read back", json.len()));
        }
        Ok([&(json.len() as u64).to_le_bytes()[..], &json].concat())
    }
}

/// A name that stands twice in a list.
fn repeated<'a>(names: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let mut sorted: Vec<&str> = names.map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Text for a message: quoted, with its middle left out if it is long.
pub fn short(text: &str) -> String {
    let count = text.chars().count();
    if count <= 200 {
        return format!("{text:?}");
    }
    let (head, tail): (String, String) = (text.chars().take(100).collect(), text.chars().skip(count - 90).collect());
    format!("{head:?}...{tail:?}")
}

/// An array as JSON describes it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    dtype: Dtype,
    shape: Sizes,
    data_offsets: (usize, usize),
}

/// The sizes of a shape; reading stops where there are too many.
struct Sizes(Vec<usize>);

impl<'de> Deserialize<'de> for Sizes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Sizes, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Sizes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "a list of at most {MAX_NDIM} sizes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sizes, A::Error> {
                let mut sizes = Vec::new();
                while let Some(size) = list.next_element()? {
                    if sizes.len() == MAX_NDIM {
                        return Err(A::Error::invalid_length(MAX_NDIM + 1, &self));
                    }
                    sizes.push(size);
                }
                Ok(Sizes(sizes))
            }
        }
        from.deserialize_seq(List)
    }
}

/// Pairs of text, in their order.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pairs, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Map)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Header, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Header;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of arrays")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut header = Header::default();
                let mut described = false;
                while let Some(name) = map.next_key::<String>()? {
                    if name == METADATA {
                        if std::mem::replace(&mut described, true) {
                            return Err(A::Error::custom(format!("{METADATA} stands there twice")));
                        }
                        header.metadata = map.next_value::<Pairs>()?.0;
                    } else {
                        let Info { dtype, shape, data_offsets } = map.next_value()?;
                        header.entries.push((name, TensorInfo { dtype, shape: shape.0, data_offsets }));
                    }
                }
                Ok(header)
            }
        }
        from.deserialize_map(Map)
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Text<'a>(&'a [(String, String)]);
        impl Serialize for Text<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_map(self.0.iter().map(|(name, text)| (name, text)))
            }
        }
        let mut map = to.serialize_map(None)?;
        if !self.metadata.is_empty() {
            map.serialize_entry(METADATA, &Text(&self.metadata))?;
        }
        for (name, info) in &self.entries {
            map.serialize_entry(name, info)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str, len: u64) -> Result<usize, String> {
        Header::parse(json.as_bytes(), len).map(|header| header.entries.len())
    }

    #[test]
    fn places_must_cover_the_data() {
        let one = |from: usize, to: usize| {
            format!(r#""a{from}-{to}":{{"dtype":"U8","shape":[{}],"data_offsets":[{from},{to}]}}"#, to - from)
        };
        assert_eq!(parse(&format!("{{{},{},{}}}", one(4, 8), one(0, 4), one(4, 4)), 8), Ok(3));
        for wrong in
            [vec![one(0, 4), one(3, 8)], vec![one(0, 4), one(5, 8)], vec![one(1, 8)], vec![one(0, 8), one(3, 3)]]
        {
            assert!(parse(&format!("{{{}}}", wrong.join(",")), 8).is_err_and(|e| e.contains("invalid offset")));
        }
        assert!(
            parse(&format!("{{{}}}", one(0, 7)), 8)
                .is_err_and(|e| e.contains("describes 7 bytes of data, the file has 8"))
        );
    }

    #[test]
    fn names_stand_once_and_in_their_order() {
        let json = r#"{"__metadata__":{"b":"1","a":"2"},"z":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
            "y":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}} "#;
        let header = Header::parse(json.as_bytes(), 8).unwrap();
        assert_eq!(header.entries.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["z", "y"]);
        let again = Header::parse(&header.to_bytes().unwrap()[8..], 8).unwrap();
        assert_eq!(again.metadata, [("b".to_string(), "1".to_string()), ("a".to_string(), "2".to_string())]);
        let twice = r#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
        assert_eq!(parse(twice, 4), Err("the header names \"a\" twice".to_string()));
    }
}
