//! APIs as requests see them: compiled once per change.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use updraft_kernel::{AccountId, AwsError, Region};
use updraft_store::{Store, StoreExt, Tx};

use crate::invoke::router::Router;
use crate::keys::{ApiRef, ChildKey, IndexKey, Located};
use crate::model::{ApiRow, DEFAULT, Snapshot, StageRow};
use crate::table;

/// How many APIs are kept compiled; with more, all are forgotten and made again as they are asked for.
const KEPT: usize = 1_000;

/// One API, ready for requests.
#[derive(Debug)]
pub(crate) struct Live {
    version: u64,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) api: ApiRow,
    stages: BTreeMap<String, LiveStage>,
}

#[derive(Debug)]
pub(crate) struct LiveStage {
    pub(crate) row: StageRow,
    pub(crate) router: Arc<Router>,
}

impl Live {
    /// The stage of a request, and what of its path is left for the routes.
    pub(crate) fn stage<'a>(&self, path: &'a str) -> Option<(&LiveStage, &'a str)> {
        let inner = path.strip_prefix('/').unwrap_or(path);
        let (first, rest) = inner.split_at(inner.find('/').unwrap_or(inner.len()));
        if let Some(stage) = self.stages.get(first) {
            return Some((stage, if rest.is_empty() { "/" } else { rest }));
        }
        self.stages.get(DEFAULT).map(|stage| (stage, path))
    }
}

/// What is compiled already. Only a copy: the index row that each request reads says whether it still holds.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<String, Arc<Live>>>);

impl Cache {
    /// `None`: there is no such API.
    pub(crate) async fn load(&self, store: &dyn Store, api_id: &str) -> Result<Option<Arc<Live>>, AwsError> {
        let mut tx = store.read().await?;
        let Some(located) = tx.row(&IndexKey(api_id)).await? else {
            self.apis().remove(api_id);
            return Ok(None);
        };
        if let Some(live) = self.apis().get(api_id).filter(|live| live.version == located.version) {
            return Ok(Some(Arc::clone(live)));
        }
        let live = Arc::new(compile(&mut tx, located, api_id).await?);
        let mut apis = self.apis();
        if apis.len() >= KEPT {
            apis.clear();
        }
        apis.insert(api_id.to_owned(), Arc::clone(&live));
        Ok(Some(live))
    }

    fn apis(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn compile(tx: &mut Tx, located: Located, api_id: &str) -> Result<Live, AwsError> {
    let Located { account, region, version } = located;
    let api = ApiRef { account: &account, region: &region, id: api_id };
    let row = table::api(tx, api).await?;
    let (routes, integrations) = (table::all(tx, api).await?, table::all(tx, api).await?);
    let current = Snapshot { deployment_id: String::new(), routes, integrations };
    let current = Arc::new(Router::new(current));
    let mut stages = BTreeMap::new();
    for stage in table::all::<StageRow>(tx, api).await? {
        let router = match &stage.deployment_id {
            _ if stage.auto_deploy => Arc::clone(&current),
            Some(id) => Arc::new(deployed(tx, api, id).await?),
            None => Arc::default(),
        };
        stages.insert(stage.stage_name.clone(), LiveStage { row: stage, router });
    }
    Ok(Live { version, api: row, stages, account, region })
}

async fn deployed(tx: &mut Tx, api: ApiRef<'_>, id: &str) -> Result<Router, AwsError> {
    let snapshot = tx.row(&ChildKey::<Snapshot>::new(api, id)).await?;
    Ok(snapshot.map(Router::new).unwrap_or_default())
}
