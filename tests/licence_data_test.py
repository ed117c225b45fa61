"""scripts/make-licence-data, run on a copy of the project's tables against small editions of Microsoft's."""

import csv
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = ("Product_Display_Name", "String_Id", "GUID", "Service_Plan_Name", "Service_Plan_Id",
           "Service_Plans_Included_Friendly_Names")


def table(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.reader(lines))[1:]


class LicenceData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "data", self.root / "data")
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "make-licence-data", self.root / "scripts")
        self.ids = {name: plan for _, name, plan in table(self.root / "data" / "service_plans.csv")}

    def make(self, rows, month="January 2026"):
        text = io.StringIO()
        csv.writer(text).writerows([COLUMNS, *((product, "", "", name, plan, "") for product, name, plan in rows)])
        return subprocess.run([sys.executable, self.root / "scripts" / "make-licence-data", month], input=text.getvalue(),
                              capture_output=True, text=True, check=True).stderr

    def published(self):
        return [(product, name, self.ids[name]) for product, *names in table(self.root / "data" / "products.csv")
                for name in names]

    def same(self, name):
        return (self.root / "data" / name).read_text() == (ROOT / "data" / name).read_text()

    def test_the_table_they_were_made_from_makes_them_again(self):
        self.assertEqual(self.make(self.published()), "")
        self.assertTrue(self.same("service_plans.csv"))
        self.assertTrue(self.same("products.csv"))

    def test_a_new_plan_entitles_nobody_until_somebody_decides(self):
        new = ("Contoso, Suite", "DYN365_CDS_NEW", "00000000-0000-4000-8000-000000000001")
        told = self.make([*self.published(), new, ("Contoso, Suite", "EXCHANGE", "00000000-0000-4000-8000-000000000002")])
        self.assertIn("DYN365_CDS_NEW", told)
        self.assertIn(["none", *new[1:]], table(self.root / "data" / "service_plans.csv"))
        self.assertIn(["Contoso, Suite", "DYN365_CDS_NEW"], table(self.root / "data" / "products.csv"))

    def test_a_product_that_is_no_longer_sold_stays_and_a_changed_one_follows(self):
        self.make([("Microsoft 365 E3", "DYN365_CDS_O365_P2", self.ids["DYN365_CDS_O365_P2"]),
                   ("Microsoft 365 E3", "CDS_DB_CAPACITY", self.ids["CDS_DB_CAPACITY"])], "May 2026")
        products = table(self.root / "data" / "products.csv")
        self.assertIn(["Microsoft 365 E3", "DYN365_CDS_O365_P2"], products)
        self.assertEqual(len(products), len(table(ROOT / "data" / "products.csv")))
        self.assertIn("May 2026", (self.root / "data" / "products.csv").read_text().splitlines()[0])

    def test_every_product_names_plans_that_there_are(self):
        for product, *names in table(ROOT / "data" / "products.csv"):
            self.assertTrue(names, product)
            self.assertLessEqual(set(names), set(self.ids), product)


if __name__ == "__main__":
    unittest.main()
