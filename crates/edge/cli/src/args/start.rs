//! `start`, and what is started or stopped in the same way. Every flag is also `UPDRAFT_…` and a key of the config file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

/// Where a platform's state is.
#[derive(Args, Clone, Debug, Default)]
pub struct PlaceArgs {
    /// The folder that holds everything: ./.updraft unless said otherwise.
    #[arg(long, env = "UPDRAFT_DATA")]
    pub data: Option<PathBuf>,
    /// Where rows are kept: `fjall` (in the data folder, the default), `redb` (the same, if built in), `memory`, or the
    /// URL of a PostgreSQL database that several nodes share: `postgres://USER@HOST/DATABASE?sslmode=require`.
    #[arg(long, env = "UPDRAFT_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Where large bodies are kept: a folder (in the data folder unless said otherwise), or
    /// `s3://BUCKET/PREFIX?endpoint=URL&region=REGION` with credentials in AWS_… variables. Nodes on one store share it.
    #[arg(long, env = "UPDRAFT_BLOBS")]
    pub blobs: Option<String>,
    /// A TOML file with these settings.
    #[arg(long, env = "UPDRAFT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Where the platform runs and keeps what it knows.
#[derive(Args, Clone, Debug, Default)]
pub struct StartArgs {
    /// Address and port to serve: 127.0.0.1:4566 unless said otherwise. Only loopback addresses, for now.
    #[arg(long, env = "UPDRAFT_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Where those reach the platform who read what it sends, `https://HOST`: the beginning of the URLs in SNS messages. As
    /// whoever publishes has reached it unless said otherwise.
    #[arg(long, env = "UPDRAFT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub places: PlaceArgs,
    /// What this node is called among others on one store: the host's name and port unless said otherwise.
    #[arg(long, env = "UPDRAFT_NODE_NAME")]
    pub node_name: Option<String>,
    /// Keep everything in memory, and lose it at the end.
    #[arg(long, env = "UPDRAFT_EPHEMERAL", value_parser = BoolishValueParser::new())]
    pub ephemeral: bool,
    /// The Python interpreter for Python functions.
    #[arg(long, env = "UPDRAFT_PYTHON")]
    pub python: Option<PathBuf>,
    /// A folder with boto3 in it, for functions that don't bring their own.
    #[arg(long, env = "UPDRAFT_PYTHON_SDK")]
    pub python_sdk: Option<PathBuf>,
    /// The Node.js program for JavaScript functions.
    #[arg(long, env = "UPDRAFT_NODE")]
    pub node: Option<PathBuf>,
    /// A node_modules folder with @aws-sdk in it, or the folder above, for functions that don't bring their own.
    #[arg(long, env = "UPDRAFT_NODE_SDK")]
    pub node_sdk: Option<PathBuf>,
    /// The Java program for Java functions.
    #[arg(long, env = "UPDRAFT_JAVA")]
    pub java: Option<PathBuf>,
    /// A folder with the jars of AWS's runtime interface client for Java, which `updraft runtimes install java` fetches too.
    #[arg(long, env = "UPDRAFT_JAVA_CLIENT")]
    pub java_client: Option<PathBuf>,
    /// Run functions even where this machine can't isolate them fully.
    #[arg(long, env = "UPDRAFT_ALLOW_WEAK_SANDBOX", value_parser = BoolishValueParser::new())]
    pub allow_weak_sandbox: bool,
    /// Refuse functions that are WebAssembly components: they run within this process.
    #[arg(long, env = "UPDRAFT_NO_WASM", value_parser = BoolishValueParser::new())]
    pub no_wasm: bool,
    /// Let debuggers into functions, over this machine's loopback, where `updraft dev --debug` asks for it.
    #[arg(long, env = "UPDRAFT_ALLOW_DEBUG", value_parser = BoolishValueParser::new())]
    pub allow_debug: bool,
    /// Tell calls of the API that change something as events on the default bus, as CloudTrail does.
    #[arg(long, env = "UPDRAFT_API_EVENTS", value_parser = BoolishValueParser::new())]
    pub api_events: bool,
    /// Let services of the platform (S3, SNS, EventBridge…) into queues, topics and functions only where the policy of these
    /// says so, as AWS does, even within an account. Without it, within an account, a policy can only keep them out.
    #[arg(long, env = "UPDRAFT_STRICT_POLICIES", value_parser = BoolishValueParser::new())]
    pub strict_policies: bool,
    /// A file of mocks (as Step Functions Local reads it) that answer in place of services, in executions that are started
    /// with `#TEST-CASE` behind the state machine's ARN.
    #[arg(long, env = "SFN_MOCK_CONFIG", value_name = "FILE")]
    pub sfn_mock_config: Option<PathBuf>,
    /// A folder with debugpy in it, for Python functions that are debugged and don't bring their own.
    #[arg(long, env = "UPDRAFT_DEBUGPY", value_name = "FOLDER")]
    pub debugpy: Option<PathBuf>,
    /// A folder that stands for a file system of functions: `ARN=FOLDER`, the ARN of an access point of EFS. May be said
    /// several times, or with commas in between.
    #[arg(long = "file-system", env = "UPDRAFT_FILE_SYSTEMS", value_name = "ARN=FOLDER", value_delimiter = ',')]
    pub file_systems: Vec<String>,
    /// How much of the machine's memory, in MB, isn't given to functions' instances: a twentieth of it unless said otherwise,
    /// 128 at least and 1024 at most.
    #[arg(long, env = "UPDRAFT_MEMORY_RESERVE", value_name = "MB")]
    pub memory_reserve: Option<u32>,
    /// How many instances are prepared at most for one kind of function before it is known what for, where as many were started
    /// at once lately: 100 unless said otherwise. A few are always prepared of whatever is in use.
    #[arg(long, env = "UPDRAFT_PREPARED_MOST", value_name = "COUNT")]
    pub prepared_most: Option<usize>,
    /// What functions reach beyond the platform itself: `none`; `loopback` (the default), which is what
    /// --function-network-allow says of this machine's loopback; or `internet`, which is that and public addresses.
    #[arg(long, env = "UPDRAFT_FUNCTION_NETWORK", value_name = "REACH")]
    pub function_network: Option<String>,
    /// What functions reach besides, such as `postgres=localhost:5432`: a port of this machine, or with the internet one of
    /// another, or a range such as `office=10.0.0.0/8`. May be said several times, or with commas in between.
    #[arg(long, env = "UPDRAFT_FUNCTION_NETWORK_ALLOW", value_name = "NAME=ADDRESS:PORT", value_delimiter = ',')]
    pub function_network_allow: Vec<String>,
    /// What to log: error, warn, info, debug, or a filter such as `updraft_exec=debug`.
    #[arg(long, env = "UPDRAFT_LOG")]
    pub log: Option<String>,
}

/// Where a snapshot is to go: named as for `start`.
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// The snapshot.
    pub file: PathBuf,
    #[command(flatten)]
    pub places: PlaceArgs,
}

#[derive(Args, Clone, Debug)]
pub struct QuickstartArgs {
    #[command(flatten)]
    pub start: StartArgs,
    /// Stop after the walk instead of staying up.
    #[arg(long)]
    pub once: bool,
}
