//! The `LIST INFO` chunk: what a WAV file says of its sound (Microsoft, "Multimedia Programming Interface and Data
//! Specifications 1.0", chapter 3, "INFO List Chunk").

use std::collections::BTreeMap;

use super::Chunk;

/// Identifiers and the common names of what they hold. `ITRK` and `IMUS` are not in the specification, and are what
/// programs write.
const NAMES: [(&[u8; 4], &str); 15] = [
    (b"INAM", "title"),
    (b"IART", "artist"),
    (b"IPRD", "album"),
    (b"ICRD", "date"),
    (b"ICMT", "comment"),
    (b"ITRK", "track"),
    (b"IPRT", "track"),
    (b"IGNR", "genre"),
    (b"ICOP", "copyright"),
    (b"IMUS", "composer"),
    (b"IENG", "engineer"),
    (b"ISBJ", "subject"),
    (b"IKEY", "keywords"),
    (b"ISRC", "source"),
    (b"ISFT", "encoder"),
];

impl Chunk {
    /// Whether it is a list of this kind.
    pub(crate) fn is_info(&self) -> bool {
        &self.id == b"LIST" && self.data.starts_with(b"INFO")
    }

    /// The list that holds `tags`, of which it has names for some; `None` where it has one for none.
    pub(crate) fn info(tags: &BTreeMap<String, String>) -> Option<Self> {
        let mut data = b"INFO".to_vec();
        for (name, value) in tags {
            // When a film was made stands for the date of its sound, where that has none of its own.
            let name = if name == "creation_time" && !tags.contains_key("date") { "date" } else { name };
            let Some((id, _)) = NAMES.iter().find(|(_, known)| *known == name) else { continue };
            // Text ends with a zero byte, which is counted.
            let text: Vec<u8> = value.bytes().filter(|byte| *byte != 0).chain([0]).collect();
            let Ok(size) = u32::try_from(text.len()) else { continue };
            data.extend_from_slice(*id);
            data.extend_from_slice(&size.to_le_bytes());
            data.extend_from_slice(&text);
            data.extend((size & 1 == 1).then_some(0));
        }
        (data.len() > 4).then_some(Self { id: *b"LIST", data })
    }

    /// The tags of such a list, by common name where there is one; none of any other chunk.
    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        let mut rest = self.data.get(4..).filter(|_| self.is_info()).unwrap_or_default();
        while let Some((head, body)) = rest.split_at_checked(8) {
            let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
            let text = &body[..size.min(body.len())];
            let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
            // UTF-8 as programs of today write it, or Latin-1.
            let value = std::str::from_utf8(text)
                .map_or_else(|_| text.iter().map(|byte| char::from(*byte)).collect(), str::to_owned);
            let known = NAMES.iter().find(|(id, _)| **id == head[..4]);
            let name = known.map_or_else(|| String::from_utf8_lossy(&head[..4]).to_lowercase(), |n| n.1.to_owned());
            tags.entry(name).or_insert(value);
            rest = body.get(size.saturating_add(size & 1)..).unwrap_or_default();
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let tags = [("title", "Émile"), ("artist", "ab"), ("track", "3/12")];
        let tags: BTreeMap<String, String> = tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let mut more = tags.clone();
        more.insert("lyrics".to_owned(), "la".to_owned());
        let chunk = Chunk::info(&more).unwrap();
        assert_eq!(chunk.tags(), tags);
        assert_eq!(chunk.data.len() % 2, 0);
        assert_eq!(Chunk::info(&BTreeMap::new()), None);
    }

    #[test]
    fn damaged_lists_are_read_as_far_as_they_go() {
        let data = b"INFOINAM\x05\0\0\0caf\xe9\0\0IART\xff\xff\xff\xffcut".to_vec();
        let tags = Chunk { id: *b"LIST", data }.tags();
        assert_eq!(tags["title"], "caf\u{e9}");
        assert_eq!(tags["artist"], "cut");
    }
}
