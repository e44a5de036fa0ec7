//! A store of our own: a folder, or a bucket of anything that speaks S3.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, pin_mut};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error as StoreError, GetOptions, GetRange, ObjectStore, ObjectStoreExt, parse_url_opts};
use pagekeeper_common::domain::ids::AccountId;
use tokio::io::AsyncWriteExt;
use url::Url;
use uuid::Uuid;

use crate::cdn::NoFile;

/// Bytes of a file that are held on their way; a larger one goes up in parts of this size, which is the least of S3.
const PART: usize = 5 * 1_024 * 1_024;

/// Names of S3's settings in the environment, as `AWS_ENDPOINT` and `AWS_ACCESS_KEY_ID`.
const SETTINGS: &str = "AWS_";

/// Keeps copies. Clones share it.
#[derive(Debug, Clone)]
pub struct MediaStore(Arc<dyn ObjectStore>);

/// A copy's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaKey {
    pub account_id: AccountId,
    pub file: Uuid,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum MediaStoreError {
    #[error("{0:?} is neither file:///folder nor s3://bucket/prefix")]
    Address(String),
    #[error("the folder {0} cannot be used")]
    Folder(PathBuf, #[source] std::io::Error),
    #[error("the store cannot be used")]
    Store(#[source] StoreError),
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("the file did not come")]
    File(#[source] NoFile),
    #[error("the store did not take it")]
    Store(#[source] StoreError),
    #[error("the store did not take the end of it")]
    Ending(#[source] std::io::Error),
}

impl MediaStore {
    /// The store at `file:///folder`, which is made where it is missing, or at `s3://bucket/prefix`, whose settings are
    /// those of the environment that begin with `AWS_`. Nothing is called yet.
    pub fn open(address: &str) -> Result<Self, MediaStoreError> {
        Self::open_with(address, std::env::vars())
    }

    /// The same with an environment that is given.
    pub fn open_with(
        address: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, MediaStoreError> {
        let bad = || MediaStoreError::Address(address.to_owned());
        let url = Url::parse(address).map_err(|_no_url| bad())?;
        match url.scheme() {
            "file" => {
                let folder = url.to_file_path().map_err(|()| bad())?;
                std::fs::create_dir_all(&folder).map_err(|error| MediaStoreError::Folder(folder.clone(), error))?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(MediaStoreError::Store)?;
                Ok(Self(Arc::new(store.with_automatic_cleanup(true).with_fsync(true))))
            }
            "s3" => {
                let settings = environment.into_iter().filter(|(name, _)| name.starts_with(SETTINGS));
                let settings = settings.map(|(name, value)| (name.to_ascii_lowercase(), value));
                let (store, prefix) = parse_url_opts(&url, settings).map_err(MediaStoreError::Store)?;
                Ok(Self(Arc::new(PrefixStore::new(store, prefix))))
            }
            _ => Err(bad()),
        }
    }

    /// Keeps a file as it comes; answers its length in bytes. What failed on the way leaves nothing.
    pub async fn put(&self, key: MediaKey, file: impl Stream<Item = Result<Bytes, NoFile>>) -> Result<u64, CopyError> {
        let mut writer = BufWriter::with_capacity(Arc::clone(&self.0), key.path(), PART).with_max_concurrency(1);
        match write(&mut writer, file).await {
            Ok(length) => Ok(length),
            Err(error) => {
                // Nothing was begun where all of it was still held.
                let _ = writer.abort().await;
                Err(error)
            }
        }
    }

    /// A file, or a part of it in bytes; none where there is none.
    pub async fn get(
        &self,
        key: MediaKey,
        part: Option<Range<u64>>,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, StoreError>> + use<>>, StoreError> {
        let options = GetOptions { range: part.map(GetRange::Bounded), ..GetOptions::default() };
        match self.0.get_opts(&key.path(), options).await {
            Ok(found) => Ok(Some(found.into_stream())),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets a file; one that is not there is none to forget.
    pub async fn delete(&self, key: MediaKey) -> Result<(), StoreError> {
        match self.0.delete(&key.path()).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

async fn write(writer: &mut BufWriter, file: impl Stream<Item = Result<Bytes, NoFile>>) -> Result<u64, CopyError> {
    pin_mut!(file);
    let mut length = 0;
    while let Some(bytes) = file.try_next().await.map_err(CopyError::File)? {
        length += bytes.len() as u64;
        writer.put(bytes).await.map_err(CopyError::Store)?;
    }
    writer.shutdown().await.map_err(CopyError::Ending)?;
    Ok(length)
}

impl MediaKey {
    fn path(self) -> Path {
        Path::from_iter([self.account_id.get().to_string(), self.file.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn key(file: u128) -> MediaKey {
        MediaKey { account_id: AccountId::new(7), file: Uuid::from_u128(file) }
    }

    fn chunks(count: usize, fails: bool) -> impl Stream<Item = Result<Bytes, NoFile>> {
        let end = fails.then_some(Err(NoFile::TooLarge));
        stream::iter((0..count).map(|_| Ok(Bytes::from(vec![7; 1_000_000]))).chain(end))
    }

    async fn read(store: &MediaStore, key: MediaKey, part: Option<Range<u64>>) -> Option<Vec<u8>> {
        let stream = store.get(key, part).await.unwrap()?;
        Some(stream.map_ok(|bytes| bytes.to_vec()).try_concat().await.unwrap())
    }

    #[tokio::test]
    async fn a_folder_keeps_what_came_whole_and_forgets_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&format!("file://{}/media/copies", folder.path().display())).unwrap();
        assert_eq!(store.put(key(1), stream::iter([Ok(Bytes::from("a picture"))])).await.unwrap(), 9);
        assert_eq!(store.put(key(2), chunks(12, false)).await.unwrap(), 12_000_000);
        assert!(matches!(store.put(key(3), chunks(12, true)).await, Err(CopyError::File(NoFile::TooLarge))));
        assert_eq!(read(&store, key(1), None).await.unwrap(), b"a picture");
        assert_eq!(read(&store, key(1), Some(2..5)).await.unwrap(), b"pic");
        assert_eq!(read(&store, key(2), None).await.unwrap().len(), 12_000_000);
        assert_eq!(read(&store, key(3), None).await, None);
        store.delete(key(1)).await.unwrap();
        store.delete(key(1)).await.unwrap();
        assert_eq!(read(&store, key(1), None).await, None);
    }

    #[test]
    fn an_address_is_a_folder_or_a_bucket() {
        for bad in ["", "media", "http://example.com", "ftp://x/y", "file://host/x"] {
            assert!(MediaStore::open(bad).is_err(), "{bad}");
        }
    }
}
