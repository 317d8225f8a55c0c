//! Tags.

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{GetApiInput, GetTagsInput, TagResourceInput, UntagResourceInput};

use crate::support::{said, world};

#[tokio::test]
async fn apis_and_stages_are_tagged_and_untagged() {
    let api = world();
    let id = api.create().await;
    let cx = api.cx();
    for arn in [
        format!("arn:aws:apigateway:us-east-1::/apis/{id}"),
        format!("arn:aws:apigateway:us-east-1::/apis/{id}/stages/$default"),
    ] {
        let tags = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        let input = TagResourceInput { resource_arn: arn.clone(), tags: Some(tags.into()) };
        api.service.tag_resource(&cx, input).await.unwrap();
        let input = UntagResourceInput { resource_arn: arn.clone(), tag_keys: vec!["a".into(), "none".into()] };
        api.service.untag_resource(&cx, input).await.unwrap();
        let tags = api.service.get_tags(&cx, GetTagsInput { resource_arn: arn }).await.unwrap().tags.unwrap();
        assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("b".to_owned(), "2".to_owned())]);
    }
    let read = api.service.get_api(&cx, GetApiInput { api_id: id }).await.unwrap();
    assert_eq!(read.tags.unwrap().len(), 1);
}

#[tokio::test]
async fn what_has_no_tags_is_refused() {
    let api = world();
    for (arn, code) in [
        ("nonsense", "BadRequestException"),
        ("arn:aws:lambda:us-east-1:000000000000:function:f", "BadRequestException"),
        ("arn:aws:apigateway:us-east-1::/apis/none", "NotFoundException"),
        ("arn:aws:apigateway:eu-west-1::/apis/none", "NotFoundException"),
        ("arn:aws:apigateway:us-east-1::/restapis/none", "NotFoundException"),
    ] {
        let asked = api.service.get_tags(&api.cx(), GetTagsInput { resource_arn: arn.into() }).await;
        assert_eq!(said(asked).0, code, "{arn}");
    }
}
