//! Buckets and their objects, in memory and within bounds.

mod bucket_name;
mod error;
mod listing;
mod policy;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use stspec_iam::Policy;

pub(crate) use bucket_name::BucketName;
pub(crate) use error::StoreError;
pub(crate) use listing::{Entry, Listing, Selection};

/// Largest object, in bytes. Ours: a conformance run stores probes, not data.
pub(crate) const OBJECT_BYTES_MAX: usize = 1024 * 1024;

/// Most buckets at a time. Ours; AWS begins at 10,000 per account.
pub(crate) const BUCKETS_MAX: usize = 1000;

/// Most objects in all buckets together. Ours.
pub(crate) const OBJECTS_MAX: usize = 10_000;

/// Most bytes in all objects together. Ours.
pub(crate) const STORED_BYTES_MAX: usize = 256 * OBJECT_BYTES_MAX;

/// Longest key, in bytes of UTF-8.
///
/// Source: S3 User Guide, "Naming Amazon S3 objects".
pub(crate) const KEY_BYTES_MAX: usize = 1024;

/// The buckets of one account, shared by all connections.
#[derive(Debug, Default)]
pub(crate) struct SharedStore(RwLock<ObjectStore>);

impl SharedStore {
    /// The buckets, for reading beside other readers.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, ObjectStore> {
        // A panic elsewhere leaves no half-made change behind that would matter more than service.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The buckets, for one change.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, ObjectStore> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<ObjectStore> for SharedStore {
    fn from(store: ObjectStore) -> Self {
        Self(RwLock::new(store))
    }
}

/// The buckets of one account.
// INVARIANT: `objects` and `bytes` count what all buckets hold; both stay within their bounds.
#[derive(Debug, Default)]
pub(crate) struct ObjectStore {
    buckets: BTreeMap<BucketName, Bucket>,
    objects: usize,
    bytes: usize,
}

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    /// Where it lies.
    pub(crate) region: String,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    policy: Option<Arc<Policy>>,
    objects: BTreeMap<String, Object>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    /// What was put.
    pub(crate) upload: Upload,
    /// The MD5 digest of the body in hexadecimal, without quotes.
    pub(crate) etag: String,
    /// When it was put.
    pub(crate) modified_at: Timestamp,
}

/// What a client puts under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    /// What it holds.
    pub(crate) body: Bytes,
    /// Its media type.
    pub(crate) content_type: String,
    /// What the client says about it: names of headers, `x-amz-meta-…`, with their values.
    pub(crate) metadata: Vec<(String, String)>,
}

impl Upload {
    /// A body without metadata.
    pub(crate) fn of(body: Bytes, content_type: impl Into<String>) -> Self {
        Self { body, content_type: content_type.into(), metadata: Vec::new() }
    }
}

impl Object {
    /// An object put at this moment.
    pub(crate) fn new(upload: Upload, now: Timestamp) -> Self {
        let etag = hex::encode(Md5::digest(&upload.body));
        Self { upload, etag, modified_at: now }
    }

    /// How many bytes it counts towards the bounds of the store.
    pub(crate) fn size(&self) -> usize {
        self.upload.body.len()
    }
}

impl Bucket {
    /// The bucket policy, where there is one.
    pub(crate) fn policy(&self) -> Option<&Arc<Policy>> {
        self.policy.as_ref()
    }

    /// The objects by key.
    pub(crate) fn objects(&self) -> &BTreeMap<String, Object> {
        &self.objects
    }
}

/// Buckets.
impl ObjectStore {
    /// All buckets, sorted by name.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (&BucketName, &Bucket)> {
        self.buckets.iter()
    }

    /// The bucket of this name.
    pub(crate) fn bucket(&self, name: &BucketName) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// The bucket of this name, or S3's refusal.
    pub(crate) fn existing_bucket(&self, name: &BucketName) -> Result<&Bucket, StoreError> {
        self.buckets.get(name).ok_or_else(|| StoreError::NoSuchBucket(name.clone()))
    }

    /// Creates a bucket in a region.
    pub(crate) fn create_bucket(
        &mut self,
        name: &BucketName,
        region: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.buckets.contains_key(name) {
            return Err(StoreError::BucketAlreadyOwnedByYou(name.clone()));
        }
        if self.buckets.len() >= BUCKETS_MAX {
            return Err(StoreError::TooManyBuckets);
        }
        let bucket = Bucket { region, created_at: now, policy: None, objects: BTreeMap::new() };
        self.buckets.insert(name.clone(), bucket);
        Ok(())
    }

    /// Deletes a bucket that is empty, and its policy with it.
    pub(crate) fn delete_bucket(&mut self, name: &BucketName) -> Result<(), StoreError> {
        if !self.existing_bucket(name)?.objects.is_empty() {
            return Err(StoreError::BucketNotEmpty(name.clone()));
        }
        self.buckets.remove(name);
        Ok(())
    }

    /// Puts a policy on a bucket, instead of any earlier one.
    pub(crate) fn put_policy(&mut self, name: &BucketName, text: &str) -> Result<(), StoreError> {
        let bucket = self.existing_bucket_mut(name)?;
        bucket.policy = Some(policy::parse(name, text)?);
        Ok(())
    }

    /// Takes the policy off a bucket; a bucket without one stays as it is.
    pub(crate) fn delete_policy(&mut self, name: &BucketName) -> Result<(), StoreError> {
        self.existing_bucket_mut(name)?.policy = None;
        Ok(())
    }

    fn existing_bucket_mut(&mut self, name: &BucketName) -> Result<&mut Bucket, StoreError> {
        self.buckets.get_mut(name).ok_or_else(|| StoreError::NoSuchBucket(name.clone()))
    }
}

/// Objects.
impl ObjectStore {
    /// Puts an object under a key, instead of any earlier one.
    pub(crate) fn put_object(
        &mut self,
        name: &BucketName,
        key: &str,
        object: Object,
    ) -> Result<(), StoreError> {
        let size = object.size();
        if size > OBJECT_BYTES_MAX {
            return Err(StoreError::EntityTooLarge { size });
        }
        let earlier = self.existing_bucket(name)?.objects.get(key);
        let (freed_objects, freed_bytes) = earlier.map_or((0, 0), |earlier| (1, earlier.size()));
        let objects = self.objects - freed_objects + 1;
        let bytes = self.bytes - freed_bytes + size;
        if objects > OBJECTS_MAX || bytes > STORED_BYTES_MAX {
            return Err(StoreError::Full);
        }
        self.existing_bucket_mut(name)?.objects.insert(key.to_owned(), object);
        self.objects = objects;
        self.bytes = bytes;
        Ok(())
    }

    /// The object under a key, where there is one.
    pub(crate) fn object(
        &self,
        name: &BucketName,
        key: &str,
    ) -> Result<Option<&Object>, StoreError> {
        Ok(self.existing_bucket(name)?.objects.get(key))
    }

    /// Deletes the object under a key; a key without one is no fault.
    pub(crate) fn delete_object(&mut self, name: &BucketName, key: &str) -> Result<(), StoreError> {
        if let Some(object) = self.existing_bucket_mut(name)?.objects.remove(key) {
            self.objects -= 1;
            self.bytes -= object.size();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::directory::test_support::now;

    fn object(size: usize) -> Object {
        Object::new(Upload::of(Bytes::from(vec![b'x'; size]), "text/plain"), now())
    }

    fn with_bucket() -> (ObjectStore, BucketName) {
        let name = BucketName::new("bucket").unwrap();
        let mut store = ObjectStore::default();
        store.create_bucket(&name, "us-east-1".to_owned(), now()).unwrap();
        (store, name)
    }

    #[test]
    fn the_etag_is_the_md5_digest() {
        assert_eq!(object(0).etag, "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn an_object_holds_one_mebibyte_and_no_byte_more() {
        let (mut store, bucket) = with_bucket();
        store.put_object(&bucket, "k", object(OBJECT_BYTES_MAX)).unwrap();
        let refusal = store.put_object(&bucket, "k", object(OBJECT_BYTES_MAX + 1)).unwrap_err();
        assert!(matches!(refusal, StoreError::EntityTooLarge { .. }));
    }

    #[test]
    fn replacing_and_deleting_free_what_they_remove() {
        let (mut store, bucket) = with_bucket();
        let one = object(OBJECT_BYTES_MAX);
        for _ in 0..300 {
            store.put_object(&bucket, "k", one.clone()).unwrap();
        }
        assert_eq!((store.objects, store.bytes), (1, OBJECT_BYTES_MAX));
        store.delete_object(&bucket, "k").unwrap();
        store.delete_object(&bucket, "k").unwrap();
        assert_eq!((store.objects, store.bytes), (0, 0));
    }

    #[test]
    fn the_number_of_objects_is_bounded() {
        let (mut store, bucket) = with_bucket();
        for number in 0..OBJECTS_MAX {
            store.put_object(&bucket, &number.to_string(), object(1)).unwrap();
        }
        assert!(matches!(store.put_object(&bucket, "new", object(1)), Err(StoreError::Full)));
        store.put_object(&bucket, "0", object(2)).unwrap();
    }

    #[test]
    fn the_number_of_bytes_is_bounded() {
        let (mut store, bucket) = with_bucket();
        let one = object(OBJECT_BYTES_MAX);
        for number in 0..256 {
            store.put_object(&bucket, &number.to_string(), one.clone()).unwrap();
        }
        assert!(matches!(store.put_object(&bucket, "new", object(1)), Err(StoreError::Full)));
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let mut store = ObjectStore::default();
        let create = |store: &mut ObjectStore, number: usize| {
            let name = BucketName::new(&format!("bucket-{number}")).unwrap();
            store.create_bucket(&name, "us-east-1".to_owned(), now())
        };
        for number in 0..BUCKETS_MAX {
            create(&mut store, number).unwrap();
        }
        assert!(matches!(create(&mut store, BUCKETS_MAX), Err(StoreError::TooManyBuckets)));
    }
}
