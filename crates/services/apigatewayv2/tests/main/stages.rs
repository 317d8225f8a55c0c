//! Stages and deployments.

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    CreateDeploymentInput, CreateStageInput, DeleteDeploymentInput, DeleteStageInput, GetDeploymentsInput,
    GetStageInput, RouteSettings, UpdateStageInput,
};

use crate::support::{lambda, said, world};

fn stage(api_id: &str, name: &str) -> CreateStageInput {
    CreateStageInput { api_id: api_id.to_owned(), stage_name: name.to_owned(), ..CreateStageInput::default() }
}

fn update(api_id: &str, name: &str) -> UpdateStageInput {
    UpdateStageInput { api_id: api_id.to_owned(), stage_name: name.to_owned(), ..UpdateStageInput::default() }
}

#[tokio::test]
async fn a_stage_serves_what_was_deployed_to_it() {
    let api = world();
    let id = api.api_with("GET /old", "2.0").await;
    api.service.create_stage(&api.cx(), stage(&id, "prod")).await.unwrap();
    assert_eq!(api.ask(&id, "GET /prod/old").await.0, 404, "nothing is deployed");
    let deploy = CreateDeploymentInput { api_id: id.clone(), stage_name: Some("prod".into()), description: None };
    let deployment = api.service.create_deployment(&api.cx(), deploy).await.unwrap().deployment_id.unwrap();
    let integration = api.integration(&id, "2.0").await;
    api.route(&id, "GET /new", &integration).await;
    for (line, status) in
        [("GET /prod/old", 200), ("GET /prod/new", 404), ("GET /old", 200), ("GET /new", 200), ("GET /prod", 404)]
    {
        assert_eq!(api.ask(&id, line).await.0, status, "{line}");
    }
    let delete = DeleteDeploymentInput { api_id: id.clone(), deployment_id: deployment };
    assert_eq!(said(api.service.delete_deployment(&api.cx(), delete.clone()).await).0, "BadRequestException");
    let gone = DeleteStageInput { api_id: id.clone(), stage_name: "prod".into() };
    api.service.delete_stage(&api.cx(), gone).await.unwrap();
    api.service.delete_deployment(&api.cx(), delete).await.unwrap();
}

#[tokio::test]
async fn a_stage_that_stops_deploying_keeps_what_it_had() {
    let api = world();
    let id = api.api_with("GET /old", "2.0").await;
    let stop = UpdateStageInput { auto_deploy: Some(false), ..update(&id, "$default") };
    api.service.update_stage(&api.cx(), stop).await.unwrap();
    let integration = api.integration(&id, "2.0").await;
    api.route(&id, "GET /new", &integration).await;
    assert_eq!((api.ask(&id, "GET /old").await.0, api.ask(&id, "GET /new").await.0), (200, 404));
    let go = UpdateStageInput { auto_deploy: Some(true), ..update(&id, "$default") };
    api.service.update_stage(&api.cx(), go).await.unwrap();
    assert_eq!(api.ask(&id, "GET /new").await.0, 200);
}

#[tokio::test]
async fn a_change_deploys_automatic_stages() {
    let api = world();
    let id = api.create().await;
    let read = async || {
        let input = GetStageInput { api_id: id.clone(), stage_name: "$default".into() };
        api.service.get_stage(&api.cx(), input).await.unwrap()
    };
    let before = read().await;
    api.integration(&id, "2.0").await;
    let after = read().await;
    assert_ne!(before.deployment_id, after.deployment_id);
    let deployment = after.deployment_id.unwrap();
    assert_eq!(
        after.last_deployment_status_message.unwrap(),
        format!("Successfully deployed stage with deployment ID '{deployment}'")
    );
    let list = GetDeploymentsInput { api_id: id.clone(), ..GetDeploymentsInput::default() };
    let list = api.service.get_deployments(&api.cx(), list).await.unwrap().items.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].deployment_id.clone(), list[0].auto_deployed), (Some(deployment), Some(true)));
}

#[tokio::test]
async fn stage_variables_choose_the_function() {
    let api = world();
    let id = api.create().await;
    let uri = "arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.fn}";
    let integration = api.service.create_integration(&api.cx(), lambda(&id, uri, "2.0")).await.unwrap();
    api.route(&id, "GET /", &integration.integration_id.unwrap()).await;
    let set = |value: &str| {
        let variables = [("fn".to_owned(), value.to_owned()), ("other".to_owned(), "1".to_owned())];
        UpdateStageInput { stage_variables: Some(variables.into()), ..update(&id, "$default") }
    };
    assert_eq!(api.ask(&id, "GET /").await.0, 500, "the variable isn't set");
    api.service.update_stage(&api.cx(), set("g")).await.unwrap();
    assert_eq!(api.ask(&id, "GET /").await.0, 200);
    assert_eq!(api.functions.calls.lock()[0].function.resource, "function:g");
    let removed = api.service.update_stage(&api.cx(), set("")).await.unwrap().stage_variables.unwrap();
    assert_eq!(removed.into_iter().collect::<Vec<_>>(), [("other".to_owned(), "1".to_owned())]);
}

#[tokio::test]
async fn what_a_stage_cant_be_is_refused() {
    let api = world();
    let id = api.create().await;
    let refused = async |input| said(api.service.create_stage(&api.cx(), input).await);
    let exists = ("ConflictException", "Stage already exists".to_owned());
    assert_eq!(refused(stage(&id, "$default")).await, exists);
    assert_eq!(refused(stage(&id, "a b")).await.0, "BadRequestException");
    let no_deployment = CreateStageInput { deployment_id: Some("none".into()), ..stage(&id, "dev") };
    assert_eq!(refused(no_deployment).await.0, "NotFoundException");
    let settings = [("GET /none".to_owned(), RouteSettings::default())].into();
    let no_route = CreateStageInput { route_settings: Some(settings), ..stage(&id, "dev") };
    let message = "Unable to find Route by key GET /none within the provided RouteSettings".to_owned();
    assert_eq!(refused(no_route).await, ("NotFoundException", message));
}
