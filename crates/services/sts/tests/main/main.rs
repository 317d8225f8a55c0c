//! Keys and sessions, from the outside.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use updraft_api_sts::Sts as _;
use updraft_api_sts::types::{AssumeRoleInput, Credentials as Session, GetCallerIdentityInput, GetSessionTokenInput};
use updraft_kernel::ports::{CredentialsPort, ResolvedKey, SessionRequest, UnknownKey};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Ctx, Identity, Principal, RngExt, SeededRng};
use updraft_sts::{Config, Credentials, MasterKey, RootKey, Sts};
use updraft_testkit::World;

struct Setup {
    world: World,
    credentials: Arc<Credentials>,
    sts: Sts,
}

fn setup(conventional: bool, root: Option<RootKey>) -> Setup {
    let world = World::new(updraft_store_mem::open().unwrap());
    let config = Config { master: MasterKey::new([7; 32]), conventional, root };
    let credentials = Arc::new(Credentials::new(config, world.clock(), Arc::clone(&world.rng)));
    let sts = Sts::new(Arc::clone(&credentials));
    Setup { world, credentials, sts }
}

/// Nothing in this service waits.
fn now<T>(future: BoxFuture<'_, T>) -> T {
    future.now_or_never().unwrap()
}

impl Setup {
    fn resolve(&self, key_id: &str, token: Option<&str>) -> Result<ResolvedKey, UnknownKey> {
        now(self.credentials.resolve(key_id, token))
    }

    fn of(&self, session: &Session) -> Result<ResolvedKey, UnknownKey> {
        self.resolve(&session.access_key_id, Some(&session.session_token))
    }

    fn as_(&self, identity: Identity) -> Ctx {
        Ctx { account: identity.account.clone(), identity: Arc::new(identity), ..self.world.cx() }
    }

    fn assume(
        &self,
        cx: &Ctx,
        role: &str,
        seconds: Option<i32>,
    ) -> Result<updraft_api_sts::types::AssumeRoleOutput, AwsError> {
        let input = AssumeRoleInput {
            role_arn: role.into(),
            role_session_name: "me".into(),
            duration_seconds: seconds,
            ..AssumeRoleInput::default()
        };
        now(self.sts.assume_role(cx, input))
    }
}

const ROLE: &str = "arn:aws:iam::123456789012:role/path/worker";

#[test]
fn conventional_keys_are_roots_only_where_they_are_allowed() {
    let open = setup(true, None);
    for (key, account) in [("test", "000000000000"), ("123456789012", "123456789012")] {
        let found = open.resolve(key, None).unwrap();
        assert_eq!(found.identity.account.as_str(), account);
        assert_eq!(found.identity.principal, Principal::Root);
        assert_eq!(found.identity.access_key_id, key);
        assert_eq!(found.secret.0, "test");
        assert_eq!(found.expires, None);
    }
    assert_eq!(open.resolve("AKIAUNKNOWN", None).unwrap_err(), UnknownKey::KeyId);
    assert_eq!(open.resolve("12345678901", None).unwrap_err(), UnknownKey::KeyId);

    let closed = setup(false, None);
    for key in ["test", "123456789012"] {
        assert_eq!(closed.resolve(key, None).unwrap_err(), UnknownKey::KeyId);
    }
}

#[test]
fn the_real_root_key_works_everywhere() {
    let root = RootKey::generate(AccountId::local(), &SeededRng::new(5));
    let found = setup(false, Some(root.clone())).resolve(&root.access_key_id, None).unwrap();
    assert_eq!((found.identity.principal, found.secret), (Principal::Root, root.secret));
}

#[test]
fn a_role_is_assumed_and_its_session_resolves() {
    let setup = setup(true, None);
    let answer = setup.assume(&setup.world.cx(), ROLE, None).unwrap();
    let user = answer.assumed_role_user.unwrap();
    assert_eq!(user.arn, "arn:aws:sts::123456789012:assumed-role/worker/me");
    assert!(user.assumed_role_id.starts_with("AROA") && user.assumed_role_id.ends_with(":me"));
    assert_eq!(answer.packed_policy_size, None);

    let session = answer.credentials.unwrap();
    assert_eq!(session.expiration, setup.world.clock().real_now().plus(Duration::from_secs(3600)));
    let found = setup.of(&session).unwrap();
    assert_eq!(found.secret.0, session.secret_access_key);
    assert_eq!(found.expires, Some(session.expiration));

    let cx = setup.as_(found.identity);
    let who = now(setup.sts.get_caller_identity(&cx, GetCallerIdentityInput::default())).unwrap();
    assert_eq!(who.account.as_deref(), Some("123456789012"));
    assert_eq!(who.arn, Some(user.arn));
    assert_eq!(who.user_id, Some(user.assumed_role_id));
}

#[test]
fn a_token_is_good_for_its_own_key_only() {
    let setup = setup(true, None);
    let one = setup.assume(&setup.world.cx(), ROLE, None).unwrap().credentials.unwrap();
    let two = setup.assume(&setup.world.cx(), ROLE, None).unwrap().credentials.unwrap();
    assert_ne!(one.access_key_id, two.access_key_id);
    assert_eq!(setup.resolve(&one.access_key_id, Some(&two.session_token)).unwrap_err(), UnknownKey::Token);
    assert_eq!(setup.resolve(&one.access_key_id, None).unwrap_err(), UnknownKey::Token);
    assert_eq!(setup.resolve(&one.access_key_id, Some("forged")).unwrap_err(), UnknownKey::Token);
}

#[test]
fn a_session_ends() {
    let setup = setup(true, None);
    let request = |expires| SessionRequest {
        account: AccountId::local(),
        role: Arn::parse(ROLE).unwrap(),
        session_name: "f".into(),
        expires,
    };
    let real = setup.world.clock().real_now();
    let issue = |expires| setup.credentials.issue(request(expires));
    let (live, ended) = (issue(real.plus(Duration::from_secs(600))), issue(real));
    assert!(setup.resolve(&live.access_key_id, Some(&live.session_token)).is_ok());
    assert_eq!(setup.resolve(&ended.access_key_id, Some(&ended.session_token)).unwrap_err(), UnknownKey::Expired);
}

/// Recorded: sts, `test_sts_invalid_parameters`.
#[test]
fn what_is_no_arn_is_invalid() {
    let setup = setup(true, None);
    for bad in [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
    ] {
        let refused = setup.assume(&setup.world.cx(), bad, None).unwrap_err();
        assert_eq!((refused.code().name, refused.message()), ("ValidationError", format!("{bad} is invalid").as_str()));
    }
    let other = setup.assume(&setup.world.cx(), "arn:aws:s3:::bucket-of-mine", None).unwrap_err();
    assert_eq!((other.code().name, other.code().status), ("AccessDenied", 403));
}

#[test]
fn a_chained_session_lives_an_hour_at_most() {
    let setup = setup(true, None);
    let first = setup.assume(&setup.world.cx(), ROLE, Some(43_200)).unwrap().credentials.unwrap();
    let cx = setup.as_(setup.of(&first).unwrap().identity);
    assert!(setup.assume(&cx, ROLE, Some(3600)).is_ok());
    assert_eq!(setup.assume(&cx, ROLE, Some(3601)).unwrap_err().code().name, "ValidationError");
}

#[test]
fn a_broken_session_policy_is_refused_and_a_good_one_is_measured() {
    let setup = setup(true, None);
    let with = |policy: &str| {
        let input = AssumeRoleInput {
            role_arn: ROLE.into(),
            role_session_name: "me".into(),
            policy: Some(policy.into()),
            ..AssumeRoleInput::default()
        };
        now(setup.sts.assume_role(&setup.world.cx(), input))
    };
    assert_eq!(with("{").unwrap_err().code().name, "MalformedPolicyDocument");
    assert_eq!(with("{}").unwrap().packed_policy_size, Some(1));
}

#[test]
fn a_roots_session_token_lives_an_hour_and_stays_root() {
    let setup = setup(true, None);
    let input = GetSessionTokenInput { duration_seconds: Some(43_200), ..GetSessionTokenInput::default() };
    let session = now(setup.sts.get_session_token(&setup.world.cx(), input.clone())).unwrap().credentials.unwrap();
    assert_eq!(session.expiration, setup.world.clock().real_now().plus(Duration::from_secs(3600)));
    let identity = setup.of(&session).unwrap().identity;
    assert_eq!(identity.principal, Principal::Root);
    let again = now(setup.sts.get_session_token(&setup.as_(identity), input)).unwrap_err();
    assert_eq!(
        (again.code().name, again.message()),
        ("AccessDenied", "Cannot call GetSessionToken with session credentials")
    );
}

#[test]
fn a_users_session_token_lives_twelve_hours() {
    let setup = setup(true, None);
    let principal = Principal::User { name: "bob".into(), id: "AIDA".into() };
    let bob = setup.as_(Identity { account: AccountId::local(), principal, access_key_id: "AKIA".into() });
    let session = now(setup.sts.get_session_token(&bob, GetSessionTokenInput::default())).unwrap().credentials.unwrap();
    assert_eq!(session.expiration, setup.world.clock().real_now().plus(Duration::from_secs(43_200)));
    let cx = setup.as_(setup.of(&session).unwrap().identity);
    let who = now(setup.sts.get_caller_identity(&cx, GetCallerIdentityInput::default())).unwrap();
    assert_eq!(who.arn.as_deref(), Some("arn:aws:iam::000000000000:user/bob"));
    assert_eq!(who.user_id.as_deref(), Some("AIDA"));
}

#[test]
fn tokens_of_noise_are_refused() {
    let setup = setup(true, None);
    let rng = SeededRng::new(11);
    for len in 0..200 {
        let token = rng.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", len);
        assert_eq!(setup.resolve("ASIAAAAAAAAAAAAAAAAA", Some(&token)).unwrap_err(), UnknownKey::Token);
    }
}
