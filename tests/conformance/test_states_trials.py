"""TestState as it was recorded from AWS."""

import json

import pytest

from harness import functions
from harness.clients import ROLE
from harness.recordings import Comparison, answered, scenario
from harness.workflows import of

FOLDER = "stepfunctions/v2/test_state"
INVOKE, FUNCTION = "arn:aws:states:::lambda:invoke", "arn:aws:lambda:us-east-1:000000000000:function:f"
LEVELS = ["INFO", "DEBUG", "TRACE"]


@pytest.fixture
def states(clients):
    # TestState goes to a host of its own, of which there is none here.
    return clients.boto("stepfunctions", inject_host_prefix=False)


def opened(value):
    """What is JSON in a text as such: AWS's texts are spaced otherwise."""
    return json.loads(value) if isinstance(value, str) else value


def shown(answer):
    shown = dict(answer)
    if "output" in answer:
        shown["output"] = opened(answer["output"])
    if "inspectionData" in answer:
        shown["inspectionData"] = {name: opened(one) for name, one in answer["inspectionData"].items()}
    return shown


def check(states, file, name, definition, given=None, label="test_case_response", **settings):
    told = shown(scenario(f"{FOLDER}/{file}.json", name)[label])
    text = "{}" if given is None else json.dumps(given)
    ours = shown(answered(states.test_state, definition=json.dumps(definition), input=text, **settings))
    Comparison().check(told, ours)
    if "Error" not in told:
        assert set(ours) == set(told)
        assert set(ours.get("inspectionData", {})) == set(told.get("inspectionData", {}))


def result(value, **settings):
    return {"result": json.dumps(value), **settings}


FAIL = {"Type": "Fail", "Error": "SomeFailure", "Cause": "This state machines raises a 'SomeFailure' failure."}
PASS = {"Type": "Pass", "End": True}
RESULT = {"Type": "Pass", "Result": {"resultKey": "result value"}, "End": True}
IO_PASS = {
    "Type": "Pass", "InputPath": "$.initialData", "ResultPath": "$.modifiedData", "End": True,
    "Parameters": {"staticValue": "some value", "inputValue.$": "$.fieldFromInput"},
}
IO_RESULT = {**RESULT, "ResultPath": "$.modifiedData"}
IO = {"initialData": {"fieldFromInput": "value from input", "otherField": "other"}, "unrelatedData": {"someOtherField": 1234}}
VALUE = {"Value": "HelloWorld"}
CHOICE = {
    "Type": "Choice", "Default": "DefaultState",
    "Choices": [
        {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public"},
        {"Variable": "$.value", "NumericEquals": 0, "Next": "ValueIsZero"},
        {"And": [{"Variable": "$.value", "NumericGreaterThanEquals": 20}, {"Variable": "$.value", "NumericLessThan": 30}],
         "Next": "ValueInTwenties"},
    ],
}


def test_what_a_state_makes_of_its_input(states):
    file = "test_test_state_scenarios"
    for level, name, definition, given in [
        ("DEBUG", "debug[BASE_FAIL_STATE]", FAIL, VALUE), ("TRACE", "trace[BASE_FAIL_STATE]", FAIL, VALUE),
        ("DEBUG", "debug[BASE_RESULT_PASS_STATE]", RESULT, VALUE), ("DEBUG", "debug[IO_PASS_STATE]", IO_PASS, IO),
        ("DEBUG", "debug[IO_RESULT_PASS_STATE]", IO_RESULT, IO), ("INFO", "info[IO_RESULT_PASS_STATE]", IO_RESULT, IO),
        ("TRACE", "trace[BASE_CHOICE_STATE]", CHOICE, {"type": "Private", "value": 22}),
    ]:
        check(states, file, f"test_base_inspection_level_{name}", definition, given, inspectionLevel=level)


def test_a_task_is_carried_out(states, clients):
    said = "def handler(event, context):\n    return event['inputData'] + '!' if 'inputData' in (event or {}) else {}\n"
    function = functions.create(clients, said)
    task = {"Type": "Task", "Resource": function.arn, "End": True}
    for level in ["DEBUG", "TRACE"]:
        check(states, "test_test_state_scenarios", f"test_base_lambda_task_state[{level}]", task, {"inputData": "HelloWorld"},
              inspectionLevel=level, roleArn=ROLE)
    service = {"Type": "Task", "Resource": INVOKE, "End": True,
               "Parameters": {"FunctionName.$": "$.FunctionName", "Payload.$": "$.Payload"}}
    check(states, "test_test_state_scenarios", "test_base_lambda_service_task_state_no_role_arn_validation", service,
          {"FunctionName": function.name, "Payload": None}, label="validation_exception")


def mapped(mode=None, **fields):
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **of(TestState={
        "Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "foo", "Payload": "bar"}, "End": True,
    })}
    return {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input.Values %}", "End": True,
            "Output": "{% $states %}", "ItemProcessor": processor, **fields}


def test_maps_tell_how_they_would_run(states):
    fields = {
        "MAX_CONCURRENCY": {"MaxConcurrency": 1}, "TOLERATED_FAILURE_COUNT": {"ToleratedFailureCount": 1},
        "TOLERATED_FAILURE_PERCENTAGE": {"ToleratedFailurePercentage": 1},
    }
    for kind, level in [("MAX_CONCURRENCY", "INFO"), ("MAX_CONCURRENCY", "TRACE"), ("TOLERATED_FAILURE_COUNT", "DEBUG"),
                        ("TOLERATED_FAILURE_PERCENTAGE", "DEBUG"), ("TOLERATED_FAILURE_PERCENTAGE", "INFO")]:
        definition = mapped(**fields[kind])
        definition["ItemProcessor"]["States"]["TestState"]["QueryLanguage"] = "JSONata"
        check(states, "test_test_state_scenarios", f"test_base_map_state_inspect[{kind}-{level}]", definition,
              {"Values": [1, 2, 3]}, inspectionLevel=level, mock=result([1, 1, 1]), roleArn=ROLE)


def test_a_mocked_error_is_caught(states):
    task = {
        "Type": "Task", "QueryLanguage": "JSONata", "Resource": INVOKE, "End": True,
        "Arguments": {"FunctionName": "foo", "Payload": "bar"},
        "Catch": [{"ErrorEquals": ["MockException"], "Output": "{% $states %}", "Next": "HandleMockError"},
                  {"ErrorEquals": ["States.TaskFailed"], "Output": "{% $states %}", "Next": "HandleThreshold"}],
    }
    for level in ["DEBUG", "INFO"]:
        for label, error, cause in [
            ("catch_task_failed_response", "States.TaskFailed", "The task failed."),
            ("test_catch_mock_exception_response", "MockException", "Mock the cause of the error."),
        ]:
            check(states, "test_test_state_scenarios", f"test_state_task_catch_error[{level}]", task, VALUE, label,
                  inspectionLevel=level, mock={"errorOutput": {"error": error, "cause": cause}}, roleArn=ROLE)


def test_iterations_that_failed(states):
    values, three = {"Values": ["first", "second", "third"]}, "test_map_state_failure_count"
    retry = [{"ErrorEquals": ["MockException"], "MaxAttempts": 3},
             {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "MaxAttempts": 2}]
    summed = {"failedCount": 0, "result": ["pass"] * 3, "successCount": 3}
    tolerant = mapped(Retry=retry, ToleratedFailureCount=1, Output=summed)
    plain = mapped()
    for level in ["DEBUG", "TRACE"]:
        for label, count, came in [("below_tolerated_failure", 1, [1, 1, 1]), ("exceeds_tolerated_failure", 2, [0, 0, 1])]:
            settings = {"inspectionLevel": level, "stateConfiguration": {"mapIterationFailureCount": count}, "roleArn": ROLE}
            check(states, "test_state_configuration", f"{three}[{level}-MAP_TASK_STATE]", tolerant, values, label,
                  mock=result(came), **settings)
            check(states, "test_state_configuration", f"{three}[{level}-BASE_MAP_STATE]", plain, values, label,
                  mock=result(came), **settings)
    error = {"errorOutput": {"error": "MockException", "cause": "Mock the error cause."}}
    paths = {"Type": "Map", "ItemsPath": "$.Values", "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **of(HandleItem=PASS)},
        "ToleratedFailureCount": 2, "End": True}
    for level in LEVELS:
        check(states, "test_state_configuration", f"test_state_machine_with_state_error[{level}]", paths, values,
              "below_tolerated_failure", inspectionLevel=level, mock=error,
              stateConfiguration={"mapIterationFailureCount": 1, "errorCausedByState": "HandleItem"})
        caused = {"errorOutput": {"error": "MockException", "cause": "Mock the cause of the error."}}
        check(states, "test_state_configuration", f"test_map_state_error_caused_by_state[{level}]", plain,
              {"Values": [1, 1, 1]}, inspectionLevel=level, mock=caused,
              stateConfiguration={"errorCausedByState": "TestState"})


def test_one_state_of_a_whole_definition(states):
    file = "test_test_state_machine_scenarios"
    machines = {
        "BASE_PASS_STATE_MACHINE": of(State0=PASS),
        "BASE_FAIL_STATE_MACHINE": {"QueryLanguage": "JSONata", **of(State0=FAIL)},
    }
    for name, level in [("BASE_FAIL_STATE_MACHINE", "DEBUG"), ("BASE_FAIL_STATE_MACHINE", "INFO"),
                        ("BASE_PASS_STATE_MACHINE", "DEBUG"), ("BASE_PASS_STATE_MACHINE", "INFO"),
                        ("BASE_PASS_STATE_MACHINE", "TRACE")]:
        check(states, file, f"test_base_state_name[{level}-{name}]", machines[name], VALUE, stateName="State0",
              inspectionLevel=level)
    many = {"QueryLanguage": "JSONata", **of(State0={"Type": "Pass", "Next": "State1"}, State1=FAIL)}
    for name, level in [("State0", "DEBUG"), ("State0", "TRACE"), ("State1", "DEBUG"), ("State1", "INFO"), ("State1", "TRACE")]:
        check(states, file, f"test_base_state_name_multi_state[{level}-{name}]", many, VALUE, stateName=name,
              inspectionLevel=level)
    told = scenario(f"{FOLDER}/{file}.json", "test_base_state_name_validation_failures[dne]")["exception"]
    error = answered(states.test_state, definition=json.dumps(many), stateName="dne")["Error"]
    assert told["exception_value"].endswith(f": {error['Message']}") and told["exception_typename"] == error["Code"]


def test_branches_are_mocked_as_a_list(states):
    branches = [of(B1=PASS), of(B2=PASS)]
    plain = {"Type": "Parallel", "Branches": branches, "End": True}
    jsonata = {"Type": "Parallel", "QueryLanguage": "JSONata", "Arguments": "{% $states.input.parallelInput %}",
               "Output": {"parallelInput": "{% $states.input.parallelInput %}", "parallelResult": "{% $states.result %}"},
               "Branches": branches, "End": True}
    came = result([{"branch1": "result"}, {"branch2": "result"}])
    for level in ["DEBUG", "TRACE"]:
        for name, definition, given in [
            ("test_io_jsonata_parallel_state_mock_success", jsonata, {"parallelInput": {"data": "input_value"}}),
            ("test_base_parallel_state_mock_success", plain, {"key": "value"}),
        ]:
            check(states, "test_test_state_mock_scenarios", f"{name}[{level}]", definition, given, inspectionLevel=level,
                  mock=came)


def test_what_is_read_from_a_mocked_context(states):
    task = {"Type": "Task", "Resource": INVOKE, "End": True,
            "Parameters": {"FunctionName.$": "$.FunctionName", "Payload": {"Input.$": "$"}},
            "ResultSelector": {"LambdaOutput.$": "$", "ContextObjectValue.$": "$$"}}
    given = {"FunctionName": "lambda_function_name", "Payload": {"input-value": 0}}
    check(states, "test_state_context_object", "test_state_context_object_edge_cases[EMPTY]", task, given,
          inspectionLevel="DEBUG", context="{}", mock=result({"pokemon": "pikachu"}))
    values = ["charizard", "pikachu", "bulbasaur"]
    task["ResultSelector"]["ContextObjectValue.$"] = "$$.Execution.Input.values"
    context = json.dumps({"Execution": {"Input": {"values": values}}})
    check(states, "test_state_context_object", "test_state_task_context_object[EXECUTION_INPUT_VALUES]", task, given,
          inspectionLevel="DEBUG", context=context, mock=result({"pokemon": values}))
    told = scenario(f"{FOLDER}/test_state_context_object.json", "test_state_context_object_validation_failures[INVALID_MAP]")
    error = answered(states.test_state, definition=json.dumps(task), input="{}", mock=result({}),
                     context=json.dumps({"Map": {"Item": {"Index": 0}}}))["Error"]
    assert told["exception"]["exception_value"].endswith(f": {error['Message']}")


def test_mocks_that_cannot_be(states):
    file, name = "test_state_mock_validation", "validation_exception"
    parallel = {"Type": "Parallel", "Branches": [of(B1=PASS), of(B2=PASS)], "End": True}
    task = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "End": True}
    error = {"errorOutput": {"error": "E", "cause": "c"}}
    writer = {"Type": "Map", "ItemsPath": "$.Values", "End": True, "Label": "TestMap",
              "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}},
              "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **of(A=PASS)}}
    both = {**result({}), **error}
    for case, definition, settings in [
        ("test_both_mock_result_and_mock_error_output_are_set", task, {"mock": both}),
        ("test_mock_result_array_size_mismatch_on_parallel_state", parallel, {"mock": result([1])}),
        ("test_mock_result_is_not_array_on_parallel_state", parallel, {"mock": result({})}),
        ("test_mock_result_is_not_object_on_map_state_with_result_writer", writer, {"mock": result([1])}),
        ("test_reveal_secrets_is_true_and_mock_result_is_set", task, {"mock": result({}), "revealSecrets": True}),
        ("test_state_type_does_not_accept_mock[mock_error_output-PassState]", PASS, {"mock": error}),
        ("test_state_type_does_not_accept_mock[mock_result-PassState]", PASS, {"mock": result({})}),
        ("test_state_type_does_not_accept_mock[mock_result-SucceedState]", {"Type": "Succeed"}, {"mock": result({})}),
        ("test_state_type_requires_mock[MapState]", writer, {}),
        ("test_state_type_requires_mock[ParallelState]", parallel, {}),
    ]:
        check(states, file, case, definition, {"Values": [1]}, name, roleArn=ROLE, **settings)


def sdk(operation):
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{operation}", "End": True}


def optimised(operation, **fields):
    return {"Type": "Task", "Resource": f"arn:aws:states:::{operation}", "End": True, **fields}


def test_mocks_are_held_against_the_shape_of_the_answer(states):
    start = optimised("states:startExecution", ResultSelector={"targetExecutionResult.$": "$"})
    function, item, put = sdk("lambda:getFunction"), optimised("dynamodb:putItem"), optimised("events:putEvents")
    arn = "arn:aws:states:us-east-1:000000000000:execution:m:e"
    for mode, scenarios in {
        "STRICT": [
            ("aws_sdk_lambda_get_function_task[integer_more_than_maximum_allowed]", function,
             {"Configuration": {"MemorySize": 99_999_999}}),
            ("aws_sdk_s3_task[non_existent_enum_value]", sdk("s3:getObject"), {"StorageClass": "COLD"}),
            ("aws_sdk_s3_task[wrong_long_type_string]", sdk("s3:getObject"), {"ContentLength": "1"}),
            ("dynamodb_task[wrong_float_type_string]", item, {"ConsumedCapacity": {"CapacityUnits": "1"}}),
            ("eventbridge_task[wrong_type_2nd_array_element]", put, {"Entries": [{"EventId": "a"}, {"EventId": 2}]}),
            ("eventbridge_task[wrong_type_nested_field]", put, {"Entries": [{"EventId": 1}]}),
            ("lambda_task[wrong_integer_type_string]", optimised("lambda:invoke"), {"StatusCode": "200"}),
            ("sfn_task[missing_required_fields]", start, {}),
            ("sfn_task[wrong_timestamp_type_bool]", start, {"ExecutionArn": arn, "StartDate": True}),
        ],
        "PRESENT": [
            ("aws_sdk_kms_task[wrong_blob_type_number]", sdk("kms:encrypt"), {"CiphertextBlob": 1}),
            ("aws_sdk_lambda_get_function_task[integer_less_than_minimum_allowed]", function,
             {"Configuration": {"MemorySize": 1}}),
            ("aws_sdk_s3_task[non_existent_enum_value]", sdk("s3:getObject"), {"StorageClass": "COLD"}),
            ("aws_sdk_s3_task[wrong_long_type_string]", sdk("s3:getObject"), {"ContentLength": "1"}),
            ("dynamodb_task[wrong_float_type_string]", item, {"ConsumedCapacity": {"CapacityUnits": "1"}}),
            ("sfn_task_validation_fail[wrong_string_type_number]", start, {"ExecutionArn": 1}),
        ],
    }.items():
        file = "test_field_validation_mode" + ("_present" if mode == "PRESENT" else "")
        for name, definition, value in scenarios:
            mock = result(value, fieldValidationMode=mode)
            check(states, file, f"test_{mode.lower()}_mode_{name}", definition, {}, "validation-exception", mock=mock)
    fits = [
        ("test_field_validation_mode", "test_strict_mode_mock_result_field_not_in_api_spec[empty_json]", {}, "STRICT"),
        ("test_field_validation_mode", "test_strict_mode_mock_result_field_not_in_api_spec[field_not_part_of_api_spec]",
         {"random": "json"}, "STRICT"),
        ("test_field_validation_mode_present", "test_present_mode_mock_result_field_not_in_api_spec[field_not_part_of_api_spec]",
         {"random": "json"}, "PRESENT"),
    ]
    for file, name, value, mode in fits:
        check(states, file, name, function, {}, mock=result(value, fieldValidationMode=mode))
    check(states, "test_field_validation_mode_present", "test_present_mode_sfn_task_validation_pass[missing_required_fields]",
          start, {}, "test_state_response", mock=result({}, fieldValidationMode="PRESENT"))
    said = states.test_state(definition=json.dumps(start), mock=result({"ExecutionArn": 1}, fieldValidationMode="NONE"))
    assert said["status"] == "SUCCEEDED"
