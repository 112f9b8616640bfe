"""What google-cloud-pubsub does at the stand-in for Pub/Sub: pubsub.py PORT"""
import os
import sys

os.environ["PUBSUB_EMULATOR_HOST"] = f"127.0.0.1:{sys.argv[1]}"
os.environ["GOOGLE_CLOUD_PROJECT"] = "my-project"

from google.api_core.exceptions import InvalidArgument, MethodNotImplemented, NotFound
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

SECONDS = 15
client = PublisherClient()
topic = "projects/my-project/topics/metrics"
ids = {client.publish(topic, b'{"n":%d}' % n, kind="sdk").result(SECONDS) for n in range(20)}
assert len(ids) == 20, ids


def fails(expected, call, *words):
    try:
        call()
    except expected as error:
        assert all(word in str(error) for word in words), error
    else:
        raise AssertionError(f"no {expected}")


fails(NotFound, lambda: client.publish("projects/my-project/topics/other", b"x").result(SECONDS))
fails(InvalidArgument, lambda: client.publish(topic, b"x", googclient="1").result(SECONDS))
fails(MethodNotImplemented, lambda: client.create_topic(name=topic, retry=None, timeout=SECONDS), "sandbox", "CreateTopic")
with SubscriberClient() as subscriber:
    fails(MethodNotImplemented, lambda: subscriber.pull(
        subscription="projects/my-project/subscriptions/s", max_messages=1, retry=None, timeout=SECONDS), "sandbox", "Pull")
print("done")
