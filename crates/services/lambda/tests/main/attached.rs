//! Layers, file systems and networks of functions (recorded: `test_layer_function_exceptions`, `test_invalid_vpc_*`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AddLayerVersionPermissionInput, CreateFunctionInput, DeleteFunctionInput, DeleteLayerVersionInput,
    FileSystemConfig, FunctionCode, FunctionConfiguration, GetFunctionConfigurationInput, InvokeInput,
    ListFunctionsInput, PublishVersionInput, UpdateFunctionCodeInput, UpdateFunctionConfigurationInput, VpcConfig,
};
use updraft_kernel::AwsError;
use updraft_kernel::ports::RunnerRefusal;

use crate::layers::{ARN, publish, sized, stranger};
use crate::support::{ACCESS_POINT, Platform, check, input, refused};

fn layered(name: &str, layers: &[&str]) -> CreateFunctionInput {
    CreateFunctionInput { layers: Some(layers.iter().map(|&layer| layer.to_owned()).collect()), ..input(name) }
}

async fn configure(
    platform: &Platform,
    change: impl FnOnce(&mut UpdateFunctionConfigurationInput),
) -> Result<FunctionConfiguration, AwsError> {
    let mut input =
        UpdateFunctionConfigurationInput { function_name: "f".into(), ..UpdateFunctionConfigurationInput::default() };
    change(&mut input);
    platform.lambda.update_function_configuration(&platform.cx(), input).await
}

fn layers(found: &FunctionConfiguration) -> Vec<(String, i64)> {
    let layers = found.layers.iter().flatten();
    layers.map(|layer| (layer.arn.clone().unwrap(), layer.code_size.unwrap())).collect()
}

async fn publish_version(platform: &Platform) -> FunctionConfiguration {
    let input = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), input).await.unwrap()
}

#[tokio::test]
async fn a_function_shows_its_layers_and_is_run_over_them() {
    let platform = Platform::new();
    let (a, b) = (format!("{ARN}a:1"), format!("{ARN}b:1"));
    publish(&platform, "a").await;
    publish(&platform, "b").await;
    let made = platform.lambda.create_function(&platform.cx(), layered("f", &[&b, &a])).await.unwrap();
    let shown = [(b.clone(), 5), (a.clone(), 5)];
    assert_eq!(layers(&made), shown);
    assert_eq!(layers(&platform.get("f").await.unwrap()), shown);
    let listed = platform.lambda.list_functions(&platform.cx(), ListFunctionsInput::default()).await.unwrap();
    assert_eq!(layers(&listed.functions.unwrap()[0]), shown);

    let invoke = InvokeInput { function_name: "f".into(), ..InvokeInput::default() };
    platform.lambda.invoke(&platform.cx(), invoke).await.unwrap();
    let spec = platform.runner.calls.lock().pop().unwrap().0;
    assert_eq!(spec.layers.iter().map(|layer| layer.arn.as_str()).collect::<Vec<_>>(), [&b, &a]);
    assert_ne!(spec.layers[0].code, spec.layers[1].code);

    let kept = configure(&platform, |input| input.timeout = Some(9)).await.unwrap();
    assert_eq!(layers(&kept), shown, "what isn't named stays");
    assert_eq!(layers(&configure(&platform, |input| input.layers = Some(vec![a.clone()])).await.unwrap()), shown[1..]);
    let none = configure(&platform, |input| input.layers = Some(vec![])).await.unwrap();
    assert_eq!(none.layers, None, "as on AWS");
    platform.stop().await;
}

#[tokio::test]
async fn a_published_version_keeps_its_layers() {
    let platform = Platform::new();
    publish(&platform, "a").await;
    platform.lambda.create_function(&platform.cx(), layered("f", &[&format!("{ARN}a:1")])).await.unwrap();
    assert_eq!(publish_version(&platform).await.version.as_deref(), Some("1"));
    assert_eq!(publish_version(&platform).await.version.as_deref(), Some("1"), "nothing is new");
    configure(&platform, |input| input.layers = Some(vec![])).await.unwrap();
    let second = publish_version(&platform).await;
    assert_eq!((second.version.as_deref(), second.layers), (Some("2"), None));
    let get = GetFunctionConfigurationInput { function_name: "f:1".into(), qualifier: None };
    let first = platform.lambda.get_function_configuration(&platform.cx(), get).await.unwrap();
    assert_eq!(layers(&first), [(format!("{ARN}a:1"), 5)]);
    platform.stop().await;
}

#[tokio::test]
async fn layers_that_cannot_be_had_are_refused() {
    let platform = Platform::new();
    for name in ["a", "a", "b", "c", "d", "e", "g"] {
        publish(&platform, name).await;
    }
    let with = |arns: Vec<String>| {
        let arns: Vec<_> = arns.iter().map(String::as_str).collect();
        let input = layered("f", &arns);
        async { refused(platform.lambda.create_function(&platform.cx(), input).await) }
    };
    let refusal = |text: String| ("InvalidParameterValueException", text);
    for missing in [format!("{ARN}none:1"), format!("{ARN}a:9"), "arn:aws:lambda:::awslayer:Any".into()] {
        assert_eq!(with(vec![missing.clone()]).await, refusal(format!("Layer version {missing} does not exist.")));
    }
    let twice = |one: &str, other: &str| {
        refusal(format!(
            "Two different versions of the same layer are not allowed to be referenced in the same function. {ARN}{one} and {ARN}{other} are versions of the same layer."
        ))
    };
    let arns = |names: &[&str]| names.iter().map(|name| format!("{ARN}{name}")).collect::<Vec<_>>();
    assert_eq!(with(arns(&["a:1", "a:2"])).await, twice("a:1", "a:2"));
    assert_eq!(with(arns(&["a:1", "b:1", "a:1"])).await, twice("a:1", "a:1"));
    let elsewhere = "arn:aws:lambda:eu-west-1:000000000000:layer:a:1".to_owned();
    let region = "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.";
    assert_eq!(with(vec![elsewhere]).await, refusal(region.into()));
    let six = arns(&["a:1", "b:1", "c:1", "d:1", "e:1", "g:1"]);
    assert_eq!(with(six.clone()).await, refusal("Cannot reference more than 5 layers.".into()));
    let five: Vec<_> = six[..5].iter().map(String::as_str).collect();
    assert!(platform.lambda.create_function(&platform.cx(), layered("f", &five)).await.is_ok());
    platform.stop().await;
}

#[tokio::test]
async fn a_layer_of_another_account_needs_a_permission() {
    let platform = Platform::new();
    publish(&platform, "l").await;
    let (stranger, arn) = (stranger(&platform), format!("{ARN}l:1"));
    let (code, text) = refused(platform.lambda.create_function(&stranger, layered("f", &[&arn])).await);
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains(&format!("lambda:GetLayerVersion on resource: {arn}")), "{text}");
    let everybody = AddLayerVersionPermissionInput {
        layer_name: "l".into(),
        version_number: 1,
        statement_id: "s".into(),
        action: "lambda:GetLayerVersion".into(),
        principal: "*".into(),
        ..AddLayerVersionPermissionInput::default()
    };
    platform.lambda.add_layer_version_permission(&platform.cx(), everybody).await.unwrap();
    let made = platform.lambda.create_function(&stranger, layered("f", &[&arn])).await.unwrap();
    assert_eq!(layers(&made), [(arn, 5)]);
    platform.stop().await;
}

#[tokio::test]
async fn code_and_layers_share_one_limit() {
    let platform = Platform::new();
    let whole = 262_144_000;
    let large = sized(&platform, "large", whole - 100).await;
    let code = |bytes: u64| FunctionCode { zip_file: Some(format!("zip {bytes}").into()), ..FunctionCode::default() };
    let too_large = |actual: u64| {
        format!(
            "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is {actual} bytes."
        )
    };
    let create = |bytes| CreateFunctionInput { code: code(bytes), ..layered("f", &[&large]) };
    let refused_one = platform.lambda.create_function(&platform.cx(), create(101)).await;
    check(refused_one, "InvalidParameterValueException", &too_large(whole + 1));
    platform.lambda.create_function(&platform.cx(), create(100)).await.unwrap();

    let update = |bytes: u64| UpdateFunctionCodeInput {
        function_name: "f".into(),
        zip_file: Some(format!("zip {bytes}").into()),
        ..UpdateFunctionCodeInput::default()
    };
    let refused_one = platform.lambda.update_function_code(&platform.cx(), update(101)).await;
    check(refused_one, "InvalidParameterValueException", &too_large(whole + 1));
    platform.lambda.update_function_code(&platform.cx(), update(90)).await.unwrap();
    let (ten, eleven) = (sized(&platform, "ten", 10).await, sized(&platform, "eleven", 11).await);
    let with = |small: &str| vec![large.clone(), small.to_owned()];
    let refused_one = configure(&platform, |input| input.layers = Some(with(&eleven))).await;
    check(refused_one, "InvalidParameterValueException", &too_large(whole + 1));
    configure(&platform, |input| input.layers = Some(with(&ten))).await.unwrap();
    let more = sized(&platform, "more", 101).await;
    let refused_one = configure(&platform, |input| input.layers = Some(with(&more))).await;
    let alone = "Layers consume more than the available size of 262144000 bytes";
    check(refused_one, "InvalidParameterValueException", alone);
    platform.stop().await;
}

#[tokio::test]
async fn a_deleted_layer_stays_with_the_functions_that_have_it() {
    let platform = Platform::new();
    publish(&platform, "l").await;
    let blob = platform.blobs.list(None, 10).await.unwrap().remove(0).id;
    let arn = format!("{ARN}l:1");
    platform.lambda.create_function(&platform.cx(), layered("f", &[&arn])).await.unwrap();
    publish_version(&platform).await;
    let delete = DeleteLayerVersionInput { layer_name: "l".into(), version_number: 1 };
    platform.lambda.delete_layer_version(&platform.cx(), delete).await.unwrap();
    assert!(platform.lambda.names_blob(&blob).await.unwrap(), "the sweeper leaves it");
    assert_eq!(layers(&platform.get("f").await.unwrap()), [(arn.clone(), 5)]);
    configure(&platform, |input| input.layers = Some(vec![])).await.unwrap();
    assert!(platform.lambda.names_blob(&blob).await.unwrap(), "version 1 has it still");
    let again = configure(&platform, |input| input.layers = Some(vec![arn.clone()])).await;
    check(again, "InvalidParameterValueException", &format!("Layer version {arn} does not exist."));
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: Some("1".into()) };
    platform.lambda.delete_function(&platform.cx(), delete).await.unwrap();
    assert!(!platform.lambda.names_blob(&blob).await.unwrap(), "the sweeper may have it");
    platform.stop().await;
}

#[tokio::test]
async fn a_layers_content_is_kept_until_it_is_deleted() {
    let platform = Platform::new();
    publish(&platform, "l").await;
    let blob = platform.blobs.list(None, 10).await.unwrap().remove(0).id;
    assert!(platform.lambda.names_blob(&blob).await.unwrap());
    assert_eq!(platform.lambda.code_blob(blob.as_str()).await.unwrap().as_deref(), Some(&b"zip l"[..]));
    let delete = DeleteLayerVersionInput { layer_name: "l".into(), version_number: 1 };
    platform.lambda.delete_layer_version(&platform.cx(), delete).await.unwrap();
    assert!(!platform.lambda.names_blob(&blob).await.unwrap());
    platform.stop().await;
}

fn system(arn: &str, path: &str) -> FileSystemConfig {
    FileSystemConfig { arn: arn.into(), local_mount_path: path.into(), ..FileSystemConfig::default() }
}

#[tokio::test]
async fn file_systems_are_kept_shown_and_mounted() {
    let platform = Platform::new();
    let with = |system| CreateFunctionInput { file_system_configs: Some(vec![system]), ..input("f") };
    let unknown = ACCESS_POINT.replace("fsap-1", "fsap-2");
    let missing = format!(
        "Error occurred while DescribeAccessPoints. EFS Error Code: AccessPointNotFound. EFS Error Message: Access Point '{}' does not exist.",
        unknown.rsplit('/').next().unwrap()
    );
    let refused_one = platform.lambda.create_function(&platform.cx(), with(system(&unknown, "/mnt/d"))).await;
    check(refused_one, "InvalidParameterValueException", &missing);
    let refused_one = platform.lambda.create_function(&platform.cx(), with(system(ACCESS_POINT, "/mnt/.."))).await;
    check(refused_one, "InvalidParameterValueException", "The local mount path /mnt/.. is not valid.");
    let mount = system(ACCESS_POINT, "/mnt/d");
    let made = platform.lambda.create_function(&platform.cx(), with(mount.clone())).await.unwrap();
    assert_eq!(made.file_system_configs, Some(vec![mount]));

    let invoke = || InvokeInput { function_name: "f".into(), ..InvokeInput::default() };
    platform.lambda.invoke(&platform.cx(), invoke()).await.unwrap();
    let spec = platform.runner.calls.lock().pop().unwrap().0;
    assert_eq!((spec.file_systems[0].arn.as_str(), spec.file_systems[0].path.as_str()), (ACCESS_POINT, "/mnt/d"));
    platform.runner.plan(Err(RunnerRefusal::NoSuchFileSystem(ACCESS_POINT.into())));
    let error = platform.lambda.invoke(&platform.cx(), invoke()).await.unwrap_err();
    assert_eq!((error.code().name, error.code().status), ("EFSMountFailureException", 403));
    assert!(error.message().contains(ACCESS_POINT), "{}", error.message());
    let none = configure(&platform, |input| input.file_system_configs = Some(vec![])).await.unwrap();
    assert_eq!(none.file_system_configs, None);
    platform.stop().await;
}

#[tokio::test]
async fn there_are_no_subnets_and_no_security_groups() {
    let platform = Platform::new();
    let network = |subnets: &[&str], groups: &[&str]| VpcConfig {
        subnet_ids: Some(subnets.iter().map(|&id| id.to_owned()).collect()),
        security_group_ids: Some(groups.iter().map(|&id| id.to_owned()).collect()),
        ipv6_allowed_for_dual_stack: None,
    };
    let create = |network| CreateFunctionInput { vpc_config: Some(network), ..input("f") };
    let subnet = platform.lambda.create_function(&platform.cx(), create(network(&["subnet-1"], &["sg-1"]))).await;
    let text = "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-1' does not exist";
    check(subnet, "InvalidParameterValueException", text);
    let group = platform.lambda.create_function(&platform.cx(), create(network(&[], &["sg-1"]))).await;
    let text = "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group 'sg-1' does not exist";
    check(group, "InvalidParameterValueException", text);
    let made = platform.lambda.create_function(&platform.cx(), create(network(&[], &[]))).await.unwrap();
    let shown = made.vpc_config.unwrap();
    assert_eq!((shown.subnet_ids, shown.vpc_id), (Some(vec![]), Some(String::new())));
    platform.stop().await;
}
