"""At the door, with Microsoft Graph behind it (docs/rules.md D15): who got a licence a minute ago enters now."""

from graph_support import Simulator, graph_user
from request_test import CLIENTS, RequestTest
from support import NO_PLANS, guid, main

SALES = guid("a plan that nobody holds at first")


class AtTheDoor(RequestTest):
    def setUp(self):
        self.simulator = Simulator()
        self.addCleanup(self.simulator.close)

    def put(self, number, **facts):
        return {"do": "put_user", **graph_user(number, **facts)}

    def opened(self, **requests):
        self.simulator.tell(self.put(1), self.put(2, **NO_PLANS), self.put(3))
        tenant = self.simulator.configure(self.tenant())
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        if requests:
            tenant.settings["requests"] = requests
        tenant.settings["licenses"] = {"full_add": [SALES]}
        tenant.configure()
        tenant.migrate().sync()
        tenant.sql(CLIENTS)
        return tenant

    def test_a_licence_that_nobody_held_before(self):
        tenant = self.opened()
        self.start(tenant)
        self.assertEqual(tenant.state(2), "-")
        self.simulator.tell(self.put(2, assignedPlans=[{"servicePlanId": SALES, "capabilityStatus": "Enabled"}]))
        told = self.told(tenant, "user2@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("create", "yes", "entitled"))
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"] + tenant.last_run()["disabled"], 0)

    def test_a_brand_new_user_by_name_and_by_id(self):
        tenant = self.opened()
        self.start(tenant)
        self.simulator.tell(self.put(4), self.put(5))
        self.assertEqual(self.told(tenant, "USER4@contoso.example")["decision"], "create")
        self.assertEqual(self.told(tenant, object_id=guid(5))["decision"], "create")
        self.assertEqual(self.told(tenant, "user6@contoso.example")["reason"], "not_in_directory")

    def test_an_account_that_was_enabled_again(self):
        tenant = self.opened()
        self.simulator.tell(self.put(3, accountEnabled=False))
        tenant.sync()
        self.assertEqual(tenant.state(3), "account_disabled")
        self.start(tenant)
        self.simulator.tell(self.put(3))
        told = self.told(tenant, "user3@contoso.example")
        self.assertEqual((told["decision"], told["access"]), ("enable", "yes"))
        self.assertEqual(tenant.state(3), "E")

    def test_one_question_for_many_who_wait(self):
        tenant = self.opened()
        self.start(tenant)
        self.simulator.tell(self.put(4), {"do": "requests"})
        first = int(tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name) SELECT 'first_access', 'user4@contoso.example' "
                               "FROM generate_series(1, 20) RETURNING request_id", user="webshop")[0][0])
        tenant.sql("SELECT pg_notify('dvsync_request', 'contoso:' || " + str(first) + ")", user="webshop")
        told = [self.answer(tenant, first + n) for n in range(20)]
        self.assertEqual({one["access"] for one in told}, {"yes"})
        asked = [one["url"] for one in self.simulator.tell({"do": "requests"})[0] if "/users/user4" in one["url"]]
        self.assertEqual(len(asked), 1, asked)

    def test_a_silent_directory_leaves_the_mirrors_refusal(self):
        tenant = self.opened()
        self.start(tenant)
        self.simulator.tell(self.put(2), {"do": "fault", "match": "/users/", "reset": True, "times": 10000})
        told = self.told(tenant, "user2@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "no_license"))
        self.assertEqual(self.told(tenant, "user1@contoso.example")["access"], "yes")

    def test_where_everybody_is_asked_about_a_silent_directory_lets_nobody_in(self):
        tenant = self.opened(first_access="ask_always")
        self.start(tenant)
        self.assertEqual(self.told(tenant, "user1@contoso.example")["access"], "yes")
        self.simulator.tell({"do": "fault", "match": "/users/", "reset": True, "times": 10000})
        told = self.told(tenant, "user3@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "stale_directory"))
        told = self.told(tenant, "user2@contoso.example")
        self.assertEqual((told["decision"], told["reason"]), ("refuse", "no_license"))
        self.assertEqual(tenant.state(3), "E")  # the row stays as it was


if __name__ == "__main__":
    main()
