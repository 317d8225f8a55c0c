//! Mail, phones and apps: what they would have got is in the outbox.

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{
    CheckIfPhoneNumberIsOptedOutInput, ConfirmSubscriptionInput, CreatePlatformApplicationInput,
    CreatePlatformEndpointInput, CreateSMSSandboxPhoneNumberInput, DeleteEndpointInput, DeletePlatformApplicationInput,
    GetEndpointAttributesInput, ListEndpointsByPlatformApplicationInput, ListPlatformApplicationsInput,
    ListSMSSandboxPhoneNumbersInput, OptInPhoneNumberInput, PublishInput, SMSSandboxPhoneNumberVerificationStatus,
    SetEndpointAttributesInput, SetSMSAttributesInput, VerifySMSSandboxPhoneNumberInput,
};
use updraft_kernel::ports::{PostboxPort, Posted};
use updraft_kernel::{AccountId, AwsError};

use crate::support::{Cloud, input, map, words};

const NUMBER: &str = "+15550100";

impl Cloud {
    async fn posted(&self) -> Vec<Posted> {
        self.sns.posted(&AccountId::local(), 100).await.unwrap()
    }

    async fn app(&self, platform: &str) -> String {
        let attributes = map(&[("PlatformCredential", "secret"), ("PlatformPrincipal", "who")]);
        let input = CreatePlatformApplicationInput { name: "app".into(), platform: platform.into(), attributes };
        let output = self.sns.create_platform_application(&self.world.cx(), input).await.unwrap();
        output.platform_application_arn.unwrap()
    }

    async fn device(&self, app: &str, attributes: &[(&str, &str)]) -> Result<String, AwsError> {
        let input = CreatePlatformEndpointInput {
            platform_application_arn: app.into(),
            token: "token".into(),
            custom_user_data: None,
            attributes: Some(map(attributes)),
        };
        Ok(self.sns.create_platform_endpoint(&self.world.cx(), input).await?.endpoint_arn.unwrap())
    }
}

#[tokio::test]
async fn mail_is_confirmed_by_a_link_and_then_kept() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let address = "somebody@example.com";
    assert_eq!(cloud.try_subscribe(&topic, "email", address, &[]).await.unwrap(), "pending confirmation");
    let asked = cloud.posted().await.pop().unwrap();
    assert_eq!((asked.channel.as_str(), asked.to.as_str()), ("email", address));
    let link = &asked.links["Confirm subscription"];
    let token = link.rsplit_once("Token=").unwrap().1.to_owned();
    let input = ConfirmSubscriptionInput { topic_arn: topic.clone(), token, ..ConfirmSubscriptionInput::default() };
    cloud.sns.confirm_subscription(&cloud.world.cx(), input).await.unwrap();
    cloud.world.clock.advance(std::time::Duration::from_secs(1));
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    let all = cloud.posted().await;
    assert_eq!((all.len(), all[0].text.as_str()), (2, "hello"), "the newest first");
    assert!(all[0].links["Unsubscribe"].contains("Action=Unsubscribe"));
}

#[tokio::test]
async fn old_mail_goes() {
    let cloud = Cloud::new();
    let publish = || PublishInput { phone_number: Some(NUMBER.into()), topic_arn: None, ..input("", "hi") };
    cloud.try_publish(publish()).await.unwrap();
    cloud.world.clock.advance(std::time::Duration::from_secs(15 * 24 * 3600));
    cloud.try_publish(publish()).await.unwrap();
    assert_eq!(cloud.posted().await.len(), 1);
}

#[tokio::test]
async fn phones_get_what_their_owners_want() {
    let cloud = Cloud::new();
    let (cx, topic) = (cloud.world.cx(), cloud.topic("t", &[]).await);
    let settings = SetSMSAttributesInput { attributes: map(&[("DefaultSenderID", "Us")]) };
    cloud.sns.set_sms_attributes(&cx, settings).await.unwrap();
    cloud.try_subscribe(&topic, "sms", NUMBER, &[]).await.unwrap();
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    let posted = cloud.posted().await.pop().unwrap();
    assert_eq!((posted.text.as_str(), posted.details["SenderID"].as_str()), ("hello", "Us"));
    cloud.sns.opted_out(&cx.account, &cx.region, NUMBER).await.unwrap();
    let asked = || CheckIfPhoneNumberIsOptedOutInput { phone_number: NUMBER.into() };
    let out = cloud.sns.check_if_phone_number_is_opted_out(&cx, asked()).await.unwrap();
    assert_eq!(out.is_opted_out, Some(true));
    cloud.publish(&topic, "unwanted").await;
    cloud.settle().await;
    assert_eq!(cloud.posted().await.len(), 1);
    cloud.sns.opt_in_phone_number(&cx, OptInPhoneNumberInput { phone_number: NUMBER.into() }).await.unwrap();
    cloud.publish(&topic, "wanted").await;
    cloud.settle().await;
    assert_eq!(cloud.posted().await.len(), 2);
}

#[tokio::test]
async fn a_phone_of_the_sandbox_gives_back_its_password() {
    let cloud = Cloud::new();
    let cx = cloud.world.cx();
    let input = CreateSMSSandboxPhoneNumberInput { phone_number: NUMBER.into(), ..Default::default() };
    cloud.sns.create_sms_sandbox_phone_number(&cx, input).await.unwrap();
    let text = cloud.posted().await.pop().unwrap().text;
    let right = text.rsplit_once(' ').unwrap().1;
    let verify = |password: &str| VerifySMSSandboxPhoneNumberInput {
        phone_number: NUMBER.into(),
        one_time_password: password.into(),
    };
    let wrong = cloud.sns.verify_sms_sandbox_phone_number(&cx, verify("nothing")).await;
    assert!(words(wrong).starts_with("VerificationException"));
    cloud.sns.verify_sms_sandbox_phone_number(&cx, verify(right)).await.unwrap();
    let all = cloud.sns.list_sms_sandbox_phone_numbers(&cx, ListSMSSandboxPhoneNumbersInput::default()).await.unwrap();
    assert_eq!(all.phone_numbers[0].status, Some(SMSSandboxPhoneNumberVerificationStatus::Verified));
}

#[tokio::test]
async fn a_device_gets_what_its_platform_is_sent() {
    let cloud = Cloud::new();
    let (cx, app) = (cloud.world.cx(), cloud.app("GCM").await);
    let device = cloud.device(&app, &[]).await.unwrap();
    assert_eq!(cloud.device(&app, &[]).await.unwrap(), device, "the same token is the same device");
    let other = words(cloud.device(&app, &[("CustomUserData", "x")]).await);
    assert!(other.ends_with("already exists with the same Token, but different attributes."), "{other}");
    let publish = || PublishInput {
        target_arn: Some(device.clone()),
        topic_arn: None,
        message_structure: Some("json".into()),
        ..input("", r#"{"default":"all","GCM":"{\"notification\":1}"}"#)
    };
    cloud.try_publish(publish()).await.unwrap();
    let posted = cloud.posted().await.pop().unwrap();
    assert_eq!((posted.to.as_str(), posted.text.as_str()), (device.as_str(), r#"{"notification":1}"#));
    assert_eq!(posted.details["Token"], "token");
    let off = SetEndpointAttributesInput { endpoint_arn: device.clone(), attributes: map(&[("Enabled", "false")]) };
    cloud.sns.set_endpoint_attributes(&cx, off).await.unwrap();
    assert_eq!(words(cloud.try_publish(publish()).await), "EndpointDisabled: Endpoint is disabled");
    cloud.sns.delete_endpoint(&cx, DeleteEndpointInput { endpoint_arn: device.clone() }).await.unwrap();
    let gone = words(cloud.try_publish(publish()).await);
    assert!(gone.contains("No endpoint found for the target arn specified"), "{gone}");
    let asked = GetEndpointAttributesInput { endpoint_arn: device };
    assert_eq!(words(cloud.sns.get_endpoint_attributes(&cx, asked).await), "NotFound: Endpoint does not exist");
}

#[tokio::test]
async fn an_app_goes_with_its_devices_and_shows_no_secret() {
    let cloud = Cloud::new();
    let (cx, app) = (cloud.world.cx(), cloud.app("APNS").await);
    cloud.device(&app, &[]).await.unwrap();
    let all = cloud.sns.list_platform_applications(&cx, ListPlatformApplicationsInput::default()).await.unwrap();
    let shown = all.platform_applications.unwrap().pop().unwrap();
    assert_eq!(shown.attributes.unwrap(), map(&[("Enabled", "true")]));
    let devices =
        || ListEndpointsByPlatformApplicationInput { platform_application_arn: app.clone(), next_token: None };
    let listed = cloud.sns.list_endpoints_by_platform_application(&cx, devices()).await.unwrap();
    assert_eq!(listed.endpoints.unwrap().len(), 1);
    let input = DeletePlatformApplicationInput { platform_application_arn: app.clone() };
    cloud.sns.delete_platform_application(&cx, input).await.unwrap();
    let gone = words(cloud.sns.list_endpoints_by_platform_application(&cx, devices()).await);
    assert_eq!(gone, "NotFound: PlatformApplication does not exist");
    assert_eq!(cloud.rows().await, 0);
}
