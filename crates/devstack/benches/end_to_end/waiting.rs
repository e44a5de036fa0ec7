use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use tokio::sync::oneshot;

/// Who waits for what.
#[derive(Default)]
pub(crate) struct Waiting<K>(Mutex<HashMap<K, oneshot::Sender<()>>>);

impl<K: Eq + Hash> Waiting<K> {
    pub(crate) fn wait(&self, key: K) -> oneshot::Receiver<()> {
        let (done, waits) = oneshot::channel();
        self.0.lock().unwrap().insert(key, done);
        waits
    }

    pub(crate) fn arrived(&self, key: &K) {
        if let Some(done) = self.0.lock().unwrap().remove(key) {
            let _ = done.send(());
        }
    }
}
